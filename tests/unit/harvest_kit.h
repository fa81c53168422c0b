#ifndef UNIT_HARVEST_KIT_H
#define UNIT_HARVEST_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/folder.h"
#include "util/fault.h"

/* A harvest over stores that are tables, and what became of it. */

enum { FOLDERS = 6, MESSAGES = 5000, TOLD = 4096 };

struct world {
	struct folder folder[FOLDERS];
	const struct folder *list[FOLDERS];
	size_t messages[FOLDERS]; /* of each, UIDs from 1 on */
	uint64_t size;            /* of each message */
	unsigned stores;          /* opened so far */
	unsigned most;            /* that will be opened */
	unsigned worth;           /* that the store says */
	/* the store of this number is lost at its nth read; 0: none */
	unsigned frail;
	unsigned frail_at;
	bool forgetful; /* leaves every tenth, when there is more ahead */
	bool blind;     /* cannot be told what is ahead */
	/* Every folder is known but for its last so many messages, and its
	 * first, which the store says is gone; 0: it is not known. */
	unsigned news;
	bool vague; /* that was not all, by the numbers */
	/* the owner's */
	unsigned char fates[FOLDERS][MESSAGES + 1];
	unsigned begun;
	unsigned ended;
	unsigned failed;
	unsigned lost;
	unsigned changes;     /* folders told by what changed */
	unsigned wrong;       /* what an owner was told and should not be */
	_Atomic size_t told;  /* asks told at one time, at most */
	_Atomic size_t apart; /* what was asked and not as it was told */
};

/* FOLDERS folders of so many messages of this size; nothing goes wrong. */
void world_fill(struct world *w, size_t messages, uint64_t size);
/* A harvest of it over so many connections. */
enum rc world_run(struct world *w, unsigned connections) CHECKED;
/* Asserts that every message came once, and every folder ended. */
void world_all_came(const struct world *w);
/* The same of the last n of each folder, and that no other came. */
void world_last_came(const struct world *w, size_t n);

#endif
