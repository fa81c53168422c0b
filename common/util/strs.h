#ifndef UTIL_STRS_H
#define UTIL_STRS_H

#include <stdbool.h>
#include <stddef.h>

/* A list of owned strings. */
struct strs {
	char **v;
	size_t n;
	size_t cap;
};

#define STRS_INIT          \
	{                  \
		NULL, 0, 0 \
	}

void strs_add(struct strs *s, const char *text); /* copies */
void strs_addn(struct strs *s, const char *text, size_t n);
void strs_take(struct strs *s, char *text); /* takes ownership */
bool strs_has(const struct strs *s, const char *text);
void strs_sort(struct strs *s); /* by bytes */
/* to holds the same strings afterwards, and no others. */
void strs_copy(struct strs *to, const struct strs *from);
/* Joined with sep between; the caller frees. */
char *strs_join(const struct strs *s, const char *sep);
void strs_release(struct strs *s);

#endif
