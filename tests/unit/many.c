#include "tests/unit/many.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CAPABILITIES "IMAP4rev1 SASL-IR LIST-EXTENDED LIST-STATUS AUTH=PLAIN"

static const char body[] = "From: a@example.org\r\nSubject: one of many\r\n"
			   "Message-ID: <%u@example.org>\r\n\r\nHello %u.\r\n";

static void
listed(FILE *out, uint32_t n)
{
	(void)fprintf(out,
	    "* %u FETCH (UID %u FLAGS (\\Seen) INTERNALDATE "
	    "\"12-Mar-2021 10:20:30 +0100\" RFC822.SIZE %d)\r\n",
	    n, n, snprintf(NULL, 0, body, n, n));
}

static void
whole(FILE *out, uint32_t n)
{
	char text[sizeof(body) + 40];
	int size = snprintf(text, sizeof(text), body, n, n);

	(void)fprintf(out, "* %u FETCH (UID %u BODY[] {%d}\r\n%s)\r\n", n, n,
	    size, text);
}

static void
sampled(FILE *out, uint32_t n)
{
	(void)fprintf(out, "* %u FETCH (UID %u)\r\n", n, n);
}

/* "7", "1:500,600" or "5:*", to its blank. */
static void
fetch(FILE *out, const char *set, uint32_t messages)
{
	const char *items = strchr(set, ' ') + 1;
	void (*say)(FILE *, uint32_t) = strstr(items, "BODY") != NULL ? whole :
	    strstr(items, "FLAGS") != NULL                            ? listed :
									sampled;
	unsigned long first, last;
	char *end;

	for (; set < items; set = end + 1) {
		first = last = strtoul(set, &end, 10);
		if (*end == ':') {
			last = end[1] == '*' ? messages :
					       strtoul(end + 1, &end, 10);
			end = strpbrk(end, ", ");
		}
		if (last > messages)
			last = messages;
		for (; first <= last; first++)
			say(out, (uint32_t)first);
	}
}

/* False at the end. */
static bool
answer(FILE *out, char *line, uint32_t messages)
{
	const char *tag = strtok_r(line, " ", &line);
	const char *more = "";

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "UID FETCH ", 10) == 0)
		fetch(out, line + 10, messages);
	else if (strncmp(line, "FETCH ", 6) == 0)
		fetch(out, line + 6, messages);
	else if (strncmp(line, "LIST ", 5) == 0)
		(void)fprintf(out,
		    "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES %u "
		    "UIDNEXT %u UIDVALIDITY 7)\r\n",
		    messages, messages + 1);
	else if (strncmp(line, "EXAMINE ", 8) == 0)
		(void)fprintf(out,
		    "* %u EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"
		    "* OK [UIDNEXT %u] x\r\n",
		    messages, messages + 1);
	else if (strncmp(line, "AUTHENTICATE ", 13) == 0)
		more = "[CAPABILITY " CAPABILITIES "] ";
	(void)fprintf(out, "%s OK %sdone\r\n", tag, more);
	return strncmp(line, "LOGOUT", 6) != 0;
}

static void
converse(int fd, uint32_t messages)
{
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
	char line[16384];

	if (in == NULL || out == NULL)
		return;
	(void)fprintf(out, "* OK [CAPABILITY " CAPABILITIES "] many\r\n");
	do {
		(void)fflush(out);
	} while (fgets(line, sizeof(line), in) != NULL &&
	    answer(out, line, messages));
	(void)fflush(out);
}

static void
serve(int listener, uint32_t messages)
{
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_DFL);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			converse(fd, messages);
			_exit(0);
		}
		(void)close(fd);
	}
	_exit(1);
}

void
many_start(struct many *m, uint32_t messages)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	m->port = ntohs(a.sin_port);
	m->pid = fork();
	assert_true(m->pid >= 0);
	if (m->pid == 0)
		serve(fd, messages);
	(void)close(fd);
}

void
many_stop(const struct many *m)
{
	(void)kill(m->pid, SIGKILL);
	(void)waitpid(m->pid, NULL, 0);
}
