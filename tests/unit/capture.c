#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture.h"

enum { CAPTURE_SIZE = 65536 };

void
capture_begin(struct capture *c)
{
	int i;

	fflush(stdout);
	fflush(stderr);
	for (i = 0; i < 2; i++) {
		c->saved[i] = dup(i + 1);
		c->file[i] = memfd_create("capture", MFD_CLOEXEC);
		assert_true(c->saved[i] != -1 && c->file[i] != -1);
		assert_int_equal(dup2(c->file[i], i + 1), i + 1);
	}
}

static char *
content(int fd)
{
	char *text = calloc(1, CAPTURE_SIZE);

	assert_non_null(text);
	assert_true(pread(fd, text, CAPTURE_SIZE - 1, 0) >= 0);
	return text;
}

void
capture_end(struct capture *c)
{
	int i;

	fflush(stdout);
	fflush(stderr);
	for (i = 0; i < 2; i++) {
		assert_int_equal(dup2(c->saved[i], i + 1), i + 1);
		close(c->saved[i]);
	}
	c->out = content(c->file[0]);
	c->err = content(c->file[1]);
	close(c->file[0]);
	close(c->file[1]);
}

void
capture_free(struct capture *c)
{
	free(c->out);
	free(c->err);
}
