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
			   "Message-ID: <%u.%u@example.org>\r\n\r\n"
			   "Hello %u.\r\n";

/* A connection, and the folder that it has selected. */
struct talk {
	FILE *out;
	uint32_t folders;
	uint32_t messages; /* of each folder */
	unsigned long folder;
};

static int
text_of(const struct talk *t, uint32_t n, char *text, size_t size)
{
	return snprintf(text, size, body, (unsigned)t->folder, n, n);
}

static void
listed(const struct talk *t, uint32_t n)
{
	(void)fprintf(t->out,
	    "* %u FETCH (UID %u FLAGS (\\Seen) INTERNALDATE "
	    "\"12-Mar-2021 10:20:30 +0100\" RFC822.SIZE %d)\r\n",
	    n, n, text_of(t, n, NULL, 0));
}

static void
whole(const struct talk *t, uint32_t n)
{
	char text[sizeof(body) + 60];
	int size = text_of(t, n, text, sizeof(text));

	(void)fprintf(t->out, "* %u FETCH (UID %u BODY[] {%d}\r\n%s)\r\n", n, n,
	    size, text);
}

/* For a fingerprint. */
static void
headed(const struct talk *t, uint32_t n)
{
	char text[sizeof(body) + 60];
	int size = text_of(t, n, text, sizeof(text));
	int header = (int)(strstr(text, "\r\n\r\n") - text) + 4;

	(void)fprintf(t->out,
	    "* %u FETCH (UID %u FLAGS (\\Seen) INTERNALDATE "
	    "\"12-Mar-2021 10:20:30 +0100\" RFC822.SIZE %d "
	    "BODY[HEADER]<0> {%d}\r\n%.*s)\r\n",
	    n, n, size, header, header, text);
}

static void
sampled(const struct talk *t, uint32_t n)
{
	(void)fprintf(t->out, "* %u FETCH (UID %u)\r\n", n, n);
}

/* "7", "1:500,600" or "5:*", to its blank. */
static void
fetch(const struct talk *t, const char *set)
{
	const char *items = strchr(set, ' ') + 1;
	void (*say)(const struct talk *, uint32_t) =
	    strstr(items, "HEADER") != NULL ? headed :
	    strstr(items, "BODY") != NULL   ? whole :
	    strstr(items, "FLAGS") != NULL ? listed :
					     sampled;
	unsigned long first, last;
	char *end;

	for (; set < items; set = end + 1) {
		first = last = strtoul(set, &end, 10);
		if (*end == ':') {
			last = end[1] == '*' ? t->messages :
					       strtoul(end + 1, &end, 10);
			end = strpbrk(end, ", ");
		}
		if (last > t->messages)
			last = t->messages;
		for (; first <= last; first++)
			say(t, (uint32_t)first);
	}
}

/* INBOX, "f1", "f2", ... */
static void
list(const struct talk *t)
{
	char name[16] = "INBOX";
	uint32_t i;

	for (i = 0; i < t->folders; i++) {
		if (i > 0)
			(void)snprintf(name, sizeof(name), "f%u", i);
		(void)fprintf(t->out,
		    "* LIST () \"/\" %s\r\n* STATUS %s (MESSAGES %u "
		    "UIDNEXT %u UIDVALIDITY 7)\r\n",
		    name, name, t->messages, t->messages + 1);
	}
}

static void
examine(struct talk *t, const char *name)
{
	t->folder = strtoul(name + strcspn(name, "0123456789"), NULL, 10);
	(void)fprintf(t->out,
	    "* %u EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"
	    "* OK [UIDNEXT %u] x\r\n",
	    t->messages, t->messages + 1);
}

/* False at the end. */
static bool
answer(struct talk *t, char *line)
{
	const char *tag = strtok_r(line, " ", &line);
	const char *more = "";

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "UID FETCH ", 10) == 0)
		fetch(t, line + 10);
	else if (strncmp(line, "FETCH ", 6) == 0)
		fetch(t, line + 6);
	else if (strncmp(line, "LIST ", 5) == 0)
		list(t);
	else if (strncmp(line, "EXAMINE ", 8) == 0 ||
	    strncmp(line, "SELECT ", 7) == 0)
		examine(t, line);
	else if (strncmp(line, "AUTHENTICATE ", 13) == 0)
		more = "[CAPABILITY " CAPABILITIES "] ";
	(void)fprintf(t->out, "%s OK %sdone\r\n", tag, more);
	return strncmp(line, "LOGOUT", 6) != 0;
}

static void
converse(int fd, const struct many_plan *plan)
{
	struct talk t = { .out = fdopen(dup(fd), "w"),
		.folders = plan->folders,
		.messages = plan->messages / plan->folders };
	FILE *in = fdopen(fd, "r");
	char line[16384];

	if (in == NULL || t.out == NULL)
		return;
	(void)fprintf(t.out, "* OK [CAPABILITY " CAPABILITIES "] many\r\n");
	do {
		(void)fflush(t.out);
	} while (fgets(line, sizeof(line), in) != NULL && answer(&t, line));
	(void)fflush(t.out);
}

static void
serve(int listener, const struct many_plan *plan)
{
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_DFL);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			converse(fd, plan);
			_exit(0);
		}
		(void)close(fd);
	}
	_exit(1);
}

void
many_start(struct many *m, const struct many_plan *plan)
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
		serve(fd, plan);
	(void)close(fd);
}

void
many_stop(const struct many *m)
{
	(void)kill(m->pid, SIGKILL);
	(void)waitpid(m->pid, NULL, 0);
}
