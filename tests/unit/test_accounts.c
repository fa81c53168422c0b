#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "accounts/list.h"
#include "bytes/hash.h"
#include "tests/unit/tempdir.h"
#include "util/mem.h"

static const struct account_need both = {
	.required = { true, true },
	.used = { true, true },
	.single = { true, true },
	.secret = "cmd:c",
};

static void
parse(struct account_list *l, const char *text, size_t n)
{
	struct buf b = BUF_INIT;

	memset(l, 0, sizeof(*l));
	buf_add(&b, text, n);
	account_list_parse(l, &b);
	buf_release(&b);
}

/* "name|source|secret|target|secret" with "-" for none, one a line; behind it
 * "|submit|secret|address" where it submits. */
static char *
written(const struct account_list *l)
{
	struct buf b = BUF_INIT;
	const struct account_place *p;
	size_t i, side;

	for (i = 0; i < l->n; i++) {
		buf_adds(&b, l->v[i].name == NULL ? "-" : l->v[i].name);
		for (side = 0; side < ACCOUNT_SIDES; side++) {
			p = &l->v[i].place[side];
			if (side == ACCOUNT_SUBMIT && p->location.text == NULL)
				continue;
			buf_addf(&b, "|%s|",
			    p->location.text == NULL ? "-" : p->location.text);
			if (p->password != NULL)
				buf_add(&b, p->password, p->password_len);
			else
				buf_adds(&b,
				    p->secret == NULL ? "-" : p->secret);
		}
		if (l->v[i].address != NULL)
			buf_addf(&b, "|%s", l->v[i].address);
		buf_addc(&b, '\n');
	}
	return buf_steal(&b);
}

/* "3: text" one a line. */
static char *
faults(const struct account_list *l)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < l->faults; i++)
		buf_addf(&b, "%zu: %s\n", l->fault[i].line, l->fault[i].text);
	return buf_steal(&b);
}

#define HEADER "name\tsource\tsource_secret\ttarget\ttarget_secret\n"
#define A "a|imaps://u@h|file:s|imaps://v@i|cmd:c\n"

static void
every_form_gives_the_same_accounts(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ HEADER "a\timaps://u@h\tfile:s\timaps://v@i\tcmd:c\n", A },
		{ HEADER "a\timaps://u@h\tfile:s\timaps://v@i\tcmd:c", A },
		{ "name,source,source_secret,target,target_secret\n"
		  "a,imaps://u@h,file:s,imaps://v@i,cmd:c\n",
		    A },
		{ "Name;Source;SOURCE_secret;target;target_secret\r\n"
		  "a;imaps://u@h;file:s;imaps://v@i;cmd:c\r\n",
		    A },
		{ "\xef\xbb\xbf# accounts\n\n \t\ntarget_secret,target,"
		  "\"source_secret\" , source,name\n"
		  "#no\n,,,,\ncmd:c, imaps://v@i ,\"file:s\",imaps://u@h,a\n",
		    A },
		{ "source\nimaps://anna@h\nmaildir:m\n",
		    "anna|imaps://anna@h|-|-|-\n-|maildir:m|-|-|-\n" },
		{ "target,source\nimaps://b@h,maildir:m\n",
		    "b|maildir:m|-|imaps://b@h|-\n" },
		{ "name,source\n\"a \"\"b\"\", c\",maildir:m\n",
		    "a \"b\", c|maildir:m|-|-|-\n" },
		{ "name\tsource\tsource_secret\n"
		  "a\tmaildir:m\tcmd:pass \"x y\"\n",
		    "a|maildir:m|cmd:pass \"x y\"|-|-\n" },
		{ "h;u;p,\"1 ;i;v;q\t2;\n",
		    "u|imaps://u@h|p,\"1 |imaps://v@i|q\t2\n" },
		{ "#h;u;p;i;v;q;\nh:994;a@b;p;imap+plain://[::1]:1;v:%;q; ;;\n",
		    "a@b|imaps://a@b@h:994|p|"
		    "imap+plain://v%3A%25@[::1]:1|q\n" },
		{ "submit,address,submit_secret,target\n"
		  "smtp://s@h,s@e.org,env:S,\nsmtps://h:25,,,imaps://v@i\n",
		    "s|-|-|-|-|smtp://s@h|env:S|s@e.org\n"
		    "v|-|-|imaps://v@i|-|smtps://h:25|-\n" },
		{ "h;u;\xe9;i;v;p", "u|imaps://u@h|\xe9|imaps://v@i|p\n" },
	};
	struct account_list l;
	char *got, *told;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(&l, rows[i].text, strlen(rows[i].text));
		got = written(&l);
		told = faults(&l);
		if (strcmp(got, rows[i].wanted) != 0 || *told != '\0')
			fail_msg("%s: got %s, faults %s", rows[i].text, got,
			    told);
		free(got);
		free(told);
		account_list_release(&l);
	}
}

static const struct {
	const char *text;
	const char *wanted[6]; /* each starts a fault, in order */
} faulty[] = {
	{ "", { "0: names no account" } },
	{ "name,source\n", { "0: names no account" } },
	{ "hello\nimaps://u@h\n", { "1: no header" } },
	{ "a;b;c\n", { "1: no header" } },
	{ "\xff\xfen\0a\0", { "0: is UTF-16" } },
	{ "source,target,colour\nx,y,z\n", { "1: unknown column 'colour'" } },
	{ "source,target,source\nx,y,z\n",
	    { "1: column 'source' stands there twice" } },
	{ "name,source_secret\na,file:b\n",
	    { "1: neither a source nor a target" } },
	{ "source,\"target\n", { "1: bad quote in the header" } },
	{ "source,target\n"
	  "\"imaps://a@h,imaps://a@i\n"
	  "imaps://b@h,imaps://b@i\n"
	  "im\"aps://c@h,imaps://c@i\n"
	  "imaps://d@h\n"
	  "imaps://e@h,imaps://e@i,\n",
	    { "2: bad quote", "4: bad quote", "5: 1 columns where",
		"6: 3 columns where the header names 2" } },
	{ "source,target\nftp://a@h,a.tar.zst\nimaps://b:c@h,-\n",
	    { "2: source: location: 'ftp:'", "2: target: 'a.tar.zst'",
		"3: source: location: a password in a location",
		"3: target: '-' is no live" } },
	{ "source,target,source_secret,target_secret\n"
	  "imaps://a@h,imaps://a@i,hunter2,fd:3\n"
	  "imaps://b@h,imaps://b@i,env:NO_SUCH,file:/no/such\n",
	    { "2: source_secret: a secret is given as",
		"2: target_secret: 'fd:' can be read once",
		"3: source_secret: env:NO_SUCH: no such",
		"3: target_secret: file:/no/such: No such file" } },
	{ "name,source,target\na,imaps://h,imaps://b@h\n",
	    { "2: source: whose mail?" } },
	{ "source,target\n,imaps://a@i\nimaps://b@h,\n",
	    { "2: no source", "3: no target" } },
	{ "source\nimaps://a@h\n", { "0: no column 'target'" } },
	{ "source,target,submit,address\n"
	  "smtps://a@h,imaps://a@i,imaps://a@h,a@b c\n"
	  "imaps://b@h,imaps://b@i,maildir:m,@b\n",
	    { "2: source: 'smtps://a@h' is no live",
		"2: submit: 'imaps://a@h' "
		"takes no mail",
		"2: address: is none", "3: submit: 'maildir:m' takes no",
		"3: address: is none" } },
	{ "name,source,target\n"
	  "..,imaps://a@h,imaps://a@i\n"
	  "a/b,imaps://b@h,imaps://b@i\n"
	  ",maildir:c,maildir:d\n"
	  "c,imaps://c@h,imaps://c@i\n"
	  "C,imaps://d@h,imaps://C@i\n",
	    { "2: name '..' starts with '.'", "3: name 'a/b' has a '/'",
		"4: no name, and no user",
		"6: the same name (but for case) as on line 5" } },
	{ "name,source,target\n"
	  "a,imaps://a@h,imaps://a@i\n"
	  "b,imaps://a@H:993,imaps://b@i\n"
	  "c,imaps://c@h,imaps://a@i\n",
	    { "3: the same source as on line 2",
		"4: the same target as on line 2" } },
	{ "source\nimaps://\x01@h\nimaps://\xff@h\nimaps://a@h\n",
	    { "0: no column 'target'", "2: control byte", "3: not UTF-8" } },
	{ "h;u;hunter2;i;v;p\nh;w;p;i;w\nh;x;;i;x;p;--ssl1;;\n"
	  "h@g;y;p;i;y;p\n",
	    { "2: not a line host1;user1;password1;", "3: options of imapsync",
		"3: source: the password is", "4: source: '@' in the host" } },
};

static void
every_fault_is_told_with_its_line(void **state)
{
	struct account_list l;
	size_t i, j;
	char *told, *at, *line;

	(void)state;
	for (i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		parse(&l, faulty[i].text,
		    faulty[i].text[0] == '\xff' ? 6 : strlen(faulty[i].text));
		account_list_check(&l, &both);
		account_list_sort_faults(&l);
		told = faults(&l);
		at = told;
		for (j = 0; j < 6 && faulty[i].wanted[j] != NULL; j++) {
			line = strsep(&at, "\n");
			if (line == NULL ||
			    strncmp(line, faulty[i].wanted[j],
				strlen(faulty[i].wanted[j])) != 0)
				fail_msg("%s: wanted %s, got %s",
				    faulty[i].text, faulty[i].wanted[j], line);
		}
		if (*at != '\0')
			fail_msg("%s: too many: %s", faulty[i].text, at);
		for (j = 0; j < l.faults; j++)
			assert_null(strstr(l.fault[j].text, "hunter2"));
		free(told);
		account_list_release(&l);
	}
}

static void
a_secret_comes_from_the_list_the_option_or_netrc(void **state)
{
	static const struct {
		const char *secret, *auth_user; /* of the command line */
		const char *wanted;             /* NULL: no fault */
	} rows[] = {
		{ NULL, NULL, "3: source_secret: none here, by --secret" },
		{ NULL, "root", "2: source_secret: none here, by --secret" },
		{ "cmd:x", NULL, NULL },
		{ "env:NO_SUCH", NULL, "0: --secret: env:NO_SUCH: no such" },
	};
	static const char list[] = "source\nimaps://a@h\nimaps://b@h\n";
	struct account_need need = { .used = { true, false } };
	char *dir = tempdir_new(), *told;
	struct account_list l;
	size_t i;

	(void)state;
	tempdir_write(dir, "netrc", "machine h login a password p\n");
	assert_int_equal(chmod(tempdir_path(dir, "netrc"), 0600), 0);
	assert_int_equal(setenv("NETRC", tempdir_path(dir, "netrc"), 1), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		need.secret = rows[i].secret;
		need.auth_user = rows[i].auth_user;
		parse(&l, list, strlen(list));
		account_list_check(&l, &need);
		told = faults(&l);
		if (rows[i].wanted == NULL ? *told != '\0' :
					     strncmp(told, rows[i].wanted,
						 strlen(rows[i].wanted)) != 0)
			fail_msg("row %zu: %s", i, told);
		free(told);
		account_list_release(&l);
	}
	assert_int_equal(unsetenv("NETRC"), 0);
	tempdir_remove(dir);
}

static void
a_name_has_room_for_what_its_files_are_called(void **state)
{
	char name[ACCOUNT_NAME_MAX + 2];
	struct account_list l;
	size_t n;
	char *text;

	(void)state;
	for (n = ACCOUNT_NAME_MAX; n <= ACCOUNT_NAME_MAX + 1; n++) {
		memset(name, 'n', n);
		name[n] = '\0';
		text = xasprintf("name,source,target\n%s,maildir:a,maildir:b\n",
		    name);
		parse(&l, text, strlen(text));
		account_list_check(&l, &both);
		assert_int_equal(l.faults, n > ACCOUNT_NAME_MAX);
		account_list_release(&l);
		free(text);
	}
}

static void
five_thousand_lines_are_read_and_each_bad_one_is_told(void **state)
{
	struct account_list l;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	buf_adds(&b, "source,target\r\n");
	for (i = 2; i <= 5001; i++)
		buf_addf(&b, "imaps://u%zu@h,%s://u%zu@h\r\n", i,
		    i % 2 == 0 ? "imaps" : "ftp", i);
	parse(&l, (const char *)b.data, b.len);
	account_list_check(&l, &both);
	assert_int_equal(l.n, 5000);
	assert_int_equal(l.faults, 2500);
	for (i = 0; i < l.faults; i++)
		assert_int_equal(l.fault[i].line, 3 + 2 * i);
	account_list_release(&l);
	buf_release(&b);
}

static void
who_may_read_or_write_the_file_is_looked_at(void **state)
{
	static const char table[] = "source,source_secret\nmaildir:a,file:b\n";
	static const char commands[] =
	    "source,source_secret\nmaildir:a,cmd:b\n";
	static const char passwords[] = "h;u;p;h;u;p;\n";
	static const struct {
		const char *text;
		mode_t mode;
		enum rc wanted;
	} rows[] = {
		{ table, 0644, RC_OK },
		{ table, 0664, RC_OK },
		{ commands, 0644, RC_OK },
		{ commands, 0664, RC_STORE },
		{ commands, 0646, RC_STORE },
		{ passwords, 0600, RC_OK },
		{ passwords, 0640, RC_STORE },
		{ passwords, 0604, RC_STORE },
	};
	char *dir = tempdir_new();
	struct account_list l;
	struct fault f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tempdir_write(dir, "list", rows[i].text);
		assert_int_equal(chmod(tempdir_path(dir, "list"), rows[i].mode),
		    0);
		memset(&l, 0, sizeof(l));
		f = (struct fault)FAULT_INIT;
		if (account_list_load(tempdir_path(dir, "list"), &l, &f) !=
		    rows[i].wanted)
			fail_msg("row %zu: %s", i, f.text);
		assert_int_equal(f.cause,
		    rows[i].wanted == RC_OK ? CAUSE_NONE : CAUSE_CONFIG);
		account_list_release(&l);
	}
	assert_int_equal(account_list_load(tempdir_path(dir, "no"), &l, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	tempdir_remove(dir);
}

static int
start(void **state)
{
	(void)state;
	return hash_startup() ? 0 : -1;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_gives_the_same_accounts),
		cmocka_unit_test(every_fault_is_told_with_its_line),
		cmocka_unit_test(
		    a_secret_comes_from_the_list_the_option_or_netrc),
		cmocka_unit_test(a_name_has_room_for_what_its_files_are_called),
		cmocka_unit_test(
		    five_thousand_lines_are_read_and_each_bad_one_is_told),
		cmocka_unit_test(who_may_read_or_write_the_file_is_looked_at),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
