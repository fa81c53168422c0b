#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/tempdir.h"

enum { PATHS = 8, PATH_SIZE = 1024, TEXT_SIZE = 65536 };

char *
tempdir_new(void)
{
	char *dir = strdup("/tmp/mailproof-test.XXXXXX");

	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void
tempdir_remove(char *dir)
{
	assert_int_equal(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(dir);
}

const char *
tempdir_path(const char *dir, const char *name)
{
	static char paths[PATHS][PATH_SIZE];
	static unsigned turn;
	char *path = paths[turn++ % PATHS];
	int n;

	n = snprintf(path, PATH_SIZE, "%s/%s", dir, name);
	assert_true(n > 0 && n < PATH_SIZE);
	return path;
}

void
tempdir_mkdir(const char *dir, const char *name)
{
	char path[PATH_SIZE], *slash;
	int n;

	n = snprintf(path, sizeof(path), "%s/%s/", dir, name);
	assert_true(n > 0 && n < PATH_SIZE);
	slash = path + strlen(dir) + 1;
	while ((slash = strchr(slash, '/')) != NULL) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash++ = '/';
	}
	assert_int_equal(access(path, F_OK), 0);
}

void
tempdir_write(const char *dir, const char *name, const char *text)
{
	const char *slash = strrchr(name, '/');
	char *above;
	FILE *file;

	if (slash != NULL) {
		above = strndup(name, (size_t)(slash - name));
		assert_non_null(above);
		tempdir_mkdir(dir, above);
		free(above);
	}
	file = fopen(tempdir_path(dir, name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(tempdir_path(dir, name), 0600), 0);
}

char *
tempdir_read(const char *dir, const char *name)
{
	char *text = calloc(1, TEXT_SIZE);
	FILE *file;

	assert_non_null(text);
	file = fopen(tempdir_path(dir, name), "rb");
	assert_non_null(file);
	assert_true(fread(text, 1, TEXT_SIZE - 1, file) < TEXT_SIZE - 1);
	assert_int_equal(fclose(file), 0);
	return text;
}
