/*
 * raw: an IMAP client that does the least possible, to hold the programs
 * against. One connection, one thread, every command sent before the first
 * answer is read, answers parsed no further than literals and tags.
 *
 *   raw [-t] [-k] [-2] [-b N] -p PORT -u USER -w PASSWORD VERB [FILE]
 *
 *   fetch    every body of every folder, to standard output with -k or -o
 *   headers  every header
 *   list     UID FLAGS INTERNALDATE RFC822.SIZE of everything
 *   append   FILE, as fetch -k wrote it, in MULTIAPPENDs of N messages (100)
 *
 *   -t  TLS from the start, nothing verified
 *   -o  bodies to standard output; -2: and to descriptor 3 as well
 *   -k  with lines in between that say what belongs to which folder
 *
 * The password stands in argv: for private servers on loopback only.
 */
#include "tests/bench/raw_wire.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIPE_SIZE = 1 << 20 };

static void
write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0)
			err(74, "output");
		bytes += done;
		size -= (size_t)done;
	}
}

static void
take_bytes(struct raw *raw, const char *bytes, size_t size)
{
	if (!raw->output)
		return;
	write_all(STDOUT_FILENO, bytes, size);
	if (raw->copy)
		write_all(3, bytes, size);
}

static void
take_list(struct raw *raw, const char *line, size_t size)
{
	const char *end = line + size - 2, *name;

	name = memmem(line, size, ") ", 2);
	if (name == NULL || end[-1] == '}')
		errx(76, "LIST: %.*s", (int)size, line);
	name = memchr(name + 2, ' ', (size_t)(end - name - 2));
	if (name == NULL)
		errx(76, "LIST: %.*s", (int)size, line);
	if (memmem(line, size, "\\Noselect", 9) != NULL ||
	    memmem(line, size, "\\NonExistent", 12) != NULL)
		return;
	raw->folders = reallocarray(raw->folders, raw->folder_count + 1,
	    sizeof(*raw->folders));
	if (raw->folders == NULL)
		err(70, "folders");
	raw->folders[raw->folder_count++] =
	    strndup(name + 1, (size_t)(end - name - 1));
}

/* Tags: a command, e EXAMINE, c CREATE, which INBOX may refuse. */
static void
take_tagged(struct raw *raw, const char *line, size_t size)
{
	raw->answers++;
	if (memmem(line, size, " OK ", 4) == NULL && line[0] != 'c')
		errx(76, "%.*s", (int)size, line);
	if (line[0] == 'e' && raw->keep) {
		const char *name = raw->folders[raw->folder_at++];

		if (dprintf(STDOUT_FILENO, "F %s\n", name) < 0)
			err(74, "output");
	}
}

static void
take_literal(struct raw *raw, const char *line, size_t size)
{
	const char *open = memrchr(line, '{', size);

	if (open == NULL)
		return;
	raw->literal = strtoull(open + 1, NULL, 10);
	raw->messages++;
	raw->octets += raw->literal;
	if (raw->keep &&
	    dprintf(STDOUT_FILENO, "M %ju\n", (uintmax_t)raw->literal) < 0)
		err(74, "output");
}

static void
take_line(struct raw *raw, const char *line, size_t size)
{
	if (size > 3 && line[size - 3] == '}')
		take_literal(raw, line, size);
	else if (line[0] == '*' && size > 8 && memcmp(line, "* LIST ", 7) == 0)
		take_list(raw, line, size);
	else if (line[0] == '*' && size > 9 && memmem(line, size, " FETCH ", 7))
		raw->messages++;
	else if (line[0] == 'a' || line[0] == 'c' || line[0] == 'e')
		take_tagged(raw, line, size);
}

static void
take_input(struct raw *raw)
{
	raw->in_at = 0;
	while (raw->in_at < raw->in_size) {
		const char *at = raw->in + raw->in_at;
		size_t size = raw->in_size - raw->in_at;

		if (raw->literal > 0) {
			if (size > raw->literal)
				size = (size_t)raw->literal;
			take_bytes(raw, at, size);
			raw->literal -= size;
		} else {
			const char *end = memchr(at, '\n', size);

			if (end == NULL)
				break;
			size = (size_t)(end - at) + 1;
			take_line(raw, at, size);
		}
		raw->in_at += size;
	}
	raw->in_size -= raw->in_at;
	memmove(raw->in, raw->in + raw->in_at, raw->in_size);
}

static void
ask_all(struct raw *raw, const char *items)
{
	for (size_t i = 0; i < raw->folder_count; i++) {
		raw_send_text(raw, "e%u EXAMINE %s\r\n", ++raw->commands,
		    raw->folders[i]);
		raw_send_text(raw, "a%u UID FETCH 1:* (%s)\r\n",
		    ++raw->commands, items);
	}
}

/* Queues what a file of fetch -k holds. */
static void
append_all(struct raw *raw, const char *at, const char *end)
{
	const char *folder = NULL;
	int folder_size = 0;
	unsigned in_batch = 0;

	while (at < end) {
		const char *line = at + 2;
		size_t size;

		at = memchr(at, '\n', (size_t)(end - at));
		if (at == NULL)
			errx(65, "the file ends in a line");
		if (line[-2] == 'F' || in_batch == raw->batch) {
			if (in_batch > 0)
				raw_send_text(raw, "\r\n");
			in_batch = 0;
		}
		if (line[-2] == 'F') {
			folder = line;
			folder_size = (int)(at - line);
			raw_send_text(raw, "c%u CREATE %.*s\r\n",
			    ++raw->commands, folder_size, folder);
			at++;
			continue;
		}
		size = strtoull(line, NULL, 10);
		at++;
		if (folder == NULL || size > (size_t)(end - at))
			errx(65, "not a file of fetch -k");
		if (in_batch++ == 0)
			raw_send_text(raw, "a%u APPEND %.*s", ++raw->commands,
			    folder_size, folder);
		raw_send_text(raw, " {%zu+}\r\n", size);
		raw_send(raw, at, size);
		at += size;
		raw->messages++;
		raw->octets += size;
	}
	if (in_batch > 0)
		raw_send_text(raw, "\r\n");
}

static void
append_file(struct raw *raw, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes;

	if (fd < 0 || fstat(fd, &st) != 0)
		err(66, "%s", path);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		err(74, "%s", path);
	append_all(raw, bytes, bytes + st.st_size);
}

static void
run(struct raw *raw, const char *verb, const char *file)
{
	bool ask = strcmp(verb, "append") != 0;

	if (ask)
		raw_send_text(raw, "a%u LIST \"\" \"*\"\r\n", ++raw->commands);
	else if (file != NULL)
		append_file(raw, file);
	raw_converse(raw, take_input);
	if (strcmp(verb, "fetch") == 0)
		ask_all(raw, "UID BODY.PEEK[]");
	else if (strcmp(verb, "headers") == 0)
		ask_all(raw, "UID BODY.PEEK[HEADER]");
	else if (strcmp(verb, "list") == 0)
		ask_all(raw, "UID FLAGS INTERNALDATE RFC822.SIZE");
	else if (ask || file == NULL)
		errx(64, "fetch, headers, list or append FILE");
	raw_send_text(raw, "a%u LOGOUT\r\n", ++raw->commands);
	raw_converse(raw, take_input);
	fprintf(stderr, "%s: %ju messages, %ju octets\n", verb,
	    (uintmax_t)raw->messages, (uintmax_t)raw->octets);
}

int
main(int argc, char **argv)
{
	static struct raw raw = { .batch = 100 };
	const char *user = "", *password = "";
	uint16_t port = 143;
	int option;

	while ((option = getopt(argc, argv, "2b:kop:tu:w:")) != -1)
		switch (option) {
		case '2':
			raw.copy = true;
			break;
		case 'b':
			raw.batch = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'k':
			raw.keep = raw.output = true;
			break;
		case 'o':
			raw.output = true;
			break;
		case 'p':
			port = (uint16_t)strtoul(optarg, NULL, 10);
			break;
		case 't':
			raw.tls = true;
			break;
		case 'u':
			user = optarg;
			break;
		case 'w':
			password = optarg;
			break;
		default:
			return 64;
		}
	if (optind == argc)
		errx(64, "fetch, headers, list or append FILE");
	if (raw.output) {
		/* only a wish: the output may be a file */
		(void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
		(void)fcntl(3, F_SETPIPE_SZ, PIPE_SIZE);
	}
	raw_connect(&raw, port);
	raw_send_text(&raw, "a%u LOGIN \"%s\" \"%s\"\r\n", ++raw.commands, user,
	    password);
	run(&raw, argv[optind], argv[optind + 1]);
	return 0;
}
