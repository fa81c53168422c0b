#ifndef UNIT_TEMPDIR_H
#define UNIT_TEMPDIR_H

/* A private directory for one test, and text files in it. */

/* A new directory; the caller passes it to tempdir_remove. */
char *tempdir_new(void);
/* With all that is in it; frees dir. */
void tempdir_remove(char *dir);
/* DIR/NAME, of a few that are kept in turn. */
const char *tempdir_path(const char *dir, const char *name);
/* Makes the directories in between, too. */
void tempdir_write(const char *dir, const char *name, const char *text);
/* The caller frees; fails the test when there is no such file. */
char *tempdir_read(const char *dir, const char *name);
void tempdir_mkdir(const char *dir, const char *name);

#endif
