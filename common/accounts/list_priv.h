#ifndef ACCOUNTS_LIST_PRIV_H
#define ACCOUNTS_LIST_PRIV_H

#include "accounts/list.h"

/* The inside of reading a list, shared by list*.c. */

enum column {
	COLUMN_NAME,
	COLUMN_SOURCE,
	COLUMN_SOURCE_SECRET,
	COLUMN_TARGET,
	COLUMN_TARGET_SECRET,
	COLUMN_ADDRESS,
	COLUMN_SUBMIT,
	COLUMN_SUBMIT_SECRET,
	COLUMNS,
};

/* A new account of this line, zeroed; borrowed until the next. */
struct account *account_list_add(struct account_list *l, size_t line);

/* Fills one side, or adds faults; side is for the message. */
void account_list_locate(struct account_list *l, struct account *a,
    enum account_side side, const char *text);

/* Takes one field that is not empty, or adds a fault. */
void account_fill(struct account_list *l, struct account *a, enum column c,
    const char *text);
/* Where the list gave it no name. */
void account_name_by_user(struct account *a);

/* True when the line can be one of imapsync's. */
bool account_imapsync_is(const unsigned char *line, size_t n);
/* Adds the account of such a line, or faults. */
void account_imapsync_line(struct account_list *l, size_t number,
    const unsigned char *line, size_t n);

/* "source", "target" or "submit". */
const char *account_side_word(enum account_side side);

#endif
