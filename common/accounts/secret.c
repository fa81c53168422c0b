#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/command.h"
#include "accounts/secret.h"
#include "util/interrupt.h"
#include "util/num.h"

enum { FD_MAX = 1 << 20, TOKEN_MS = 60 * 1000 };

enum source {
	SOURCE_FILE,
	SOURCE_CMD,
	SOURCE_ENV,
	SOURCE_FD,
	SOURCE_TOKEN,
	SOURCE_NONE
};

static const char *const prefixes[] = { "file:", "cmd:", "env:", "fd:",
	"token-cmd:" };

/* The kind of a specification and what stands behind its colon. */
static enum source
source_of(const char *spec, const char **rest_r)
{
	size_t i, n;

	for (i = 0; i < SOURCE_NONE; i++) {
		n = strlen(prefixes[i]);
		if (strncmp(spec, prefixes[i], n) != 0)
			continue;
		*rest_r = spec + n;
		return (enum source)i;
	}
	*rest_r = NULL;
	return SOURCE_NONE;
}

bool
secret_is_single(const char *spec)
{
	const char *rest;

	return source_of(spec, &rest) == SOURCE_FD;
}

bool
secret_is_command(const char *spec)
{
	const char *rest;
	enum source source = source_of(spec, &rest);

	return source == SOURCE_CMD || source == SOURCE_TOKEN;
}

bool
secret_is_token(const char *spec)
{
	const char *rest;

	return source_of(spec, &rest) == SOURCE_TOKEN;
}

enum rc
secret_check(const char *spec, struct fault *f)
{
	const char *rest;
	enum source source = source_of(spec, &rest);
	uint64_t fd;

	/* What stands there may be the password: it is not shown. */
	if (source == SOURCE_NONE)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "a secret is given as file:PATH, cmd:COMMAND, env:NAME, "
		    "fd:N or token-cmd:COMMAND, never as a value");
	if (*rest == '\0')
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "nothing stands behind '%s'", prefixes[source]);
	if (source == SOURCE_ENV && strchr(rest, '=') != NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'env:' takes the name of a variable, without '='");
	if (source == SOURCE_FD && !num_u64(rest, strlen(rest), FD_MAX, &fd))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'fd:' takes the number of a descriptor");
	return RC_OK;
}

static enum rc
config_errno(struct fault *f, const char *spec)
{
	(void)fault_errno(f, RC_STORE, CAUSE_CONFIG, "%s", spec);
	f->cause = CAUSE_CONFIG;
	return RC_STORE;
}

/*
 * Reads to the end of the file, or of the first line, octet by octet then:
 * what follows on a pipe belongs to the next reader.
 */
static enum rc
read_secret(int fd, const char *spec, bool line, struct buf *out,
    struct fault *f)
{
	unsigned char *p = buf_room(out, SECRET_MAX + 1);
	size_t have = 0;
	ssize_t n;
	enum rc rc;

	for (;;) {
		n = read(fd, p + have, line ? 1 : SECRET_MAX + 1 - have);
		if (n == -1 && errno == EINTR) {
			rc = interrupt_check(f);
			if (rc != RC_OK)
				return rc;
			continue;
		}
		if (n == -1)
			return config_errno(f, spec);
		have += (size_t)n;
		if (n == 0 || (line && p[have - 1] == '\n'))
			break;
		if (have > SECRET_MAX)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "%s: longer than %d octets", spec, SECRET_MAX);
	}
	out->len += have;
	return RC_OK;
}

static enum rc
fetch_file(const char *spec, const char *path, struct buf *out, struct fault *f)
{
	struct stat st;
	enum rc rc;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return config_errno(f, spec);
	if (fstat(fd, &st) == -1)
		rc = config_errno(f, spec);
	else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		rc = fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: others may read it: chmod 600 '%s'", spec, path);
	else
		rc = read_secret(fd, spec, false, out, f);
	(void)close(fd);
	return rc;
}

static enum rc
fetch_env(const char *spec, const char *name, struct buf *out, struct fault *f)
{
	const char *value = getenv(name);

	if (value == NULL)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: no such environment variable", spec);
	if (strlen(value) > SECRET_MAX)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: longer than %d octets", spec, SECRET_MAX);
	buf_adds(out, value);
	return RC_OK;
}

static enum rc
fetch_fd(const char *spec, const char *number, struct buf *out, struct fault *f)
{
	uint64_t fd;

	if (!num_u64(number, strlen(number), FD_MAX, &fd))
		return secret_check(spec, f);
	return read_secret((int)fd, spec, true, out, f);
}

/* The first line alone is the secret: pass(1) keeps notes in the others. */
static enum rc
fetch_cmd(const char *command, struct buf *out, struct fault *f)
{
	size_t from = out->len;
	unsigned char *end;
	enum rc rc;

	rc = command_output(command, 0, SECRET_MAX, out, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "cmd:");
	if (out->len == from)
		return RC_OK;
	end = memchr(out->data + from, '\n', out->len - from);
	if (end != NULL)
		out->len = (size_t)(end - out->data);
	return RC_OK;
}

/* All of it is the token: a second line is an answer that was not meant for
 * us. */
static enum rc
fetch_token(const char *command, int ms, struct buf *out, struct fault *f)
{
	enum rc rc;

	rc =
	    command_output(command, ms > 0 ? ms : TOKEN_MS, SECRET_MAX, out, f);
	return rc == RC_OK ? rc : fault_wrap(f, rc, "token-cmd:");
}

/* Cuts the line end; what is left must be able to be a password. */
static enum rc
finish(const char *name, struct buf *out, size_t from, struct fault *f)
{
	const unsigned char *p;
	size_t i;

	while (out->len > from &&
	    (out->data[out->len - 1] == '\n' ||
		out->data[out->len - 1] == '\r'))
		out->len--;
	if (out->len == from)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: the secret is empty", name);
	p = out->data;
	for (i = from; i < out->len; i++) {
		if (p[i] == '\0')
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "%s: the secret holds a NUL", name);
		if (p[i] == '\n' || p[i] == '\r')
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "%s: the secret has more than one line", name);
	}
	return RC_OK;
}

enum rc
secret_fetch_within(const char *spec, int ms, struct buf *out, struct fault *f)
{
	const char *rest;
	enum source source = source_of(spec, &rest);
	size_t from = out->len;
	enum rc rc = RC_OK;

	switch (source) {
	case SOURCE_FILE:
		rc = fetch_file(spec, rest, out, f);
		break;
	case SOURCE_CMD:
		rc = fetch_cmd(rest, out, f);
		/* The command may hold what is not to be shown. */
		spec = "cmd:";
		break;
	case SOURCE_TOKEN:
		rc = fetch_token(rest, ms, out, f);
		spec = "token-cmd:";
		break;
	case SOURCE_ENV:
		rc = fetch_env(spec, rest, out, f);
		break;
	case SOURCE_FD:
		rc = fetch_fd(spec, rest, out, f);
		break;
	case SOURCE_NONE:
		rc = secret_check(spec, f);
		break;
	}
	return rc == RC_OK ? finish(spec, out, from, f) : rc;
}

enum rc
secret_fetch(const char *spec, struct buf *out, struct fault *f)
{
	return secret_fetch_within(spec, 0, out, f);
}
