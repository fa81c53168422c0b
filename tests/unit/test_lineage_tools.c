/* A chain in the hands of tar, minisign and b2sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/lineage_kit.h"
#include "tests/unit/tempdir.h"
#include "util/file.h"
#include "util/mem.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const THEN[] = { "INBOX", "Sent" };
static const struct kit_mail FIRST[] = {
	{ .uid = 1,
	    .bytes = "one\r\n",
	    .epoch = 1500000000,
	    .flags = FLAG_SEEN,
	    .keywords = "urgent work" },
	{ .uid = 2,
	    .bytes = "two\n\r\n",
	    .epoch = 1500000001,
	    .keywords = "later" },
	{ .uid = 3, .bytes = "three\r\n", .epoch = 1500000002 },
	{ .folder = 1, .uid = 9, .bytes = "one\r\n", .epoch = 1500000000 },
	{ .folder = 1, .uid = 10, .bytes = "ten\r\n", .epoch = 1500000010 },
};
static const struct kit_plan FULL = { .folder = THEN,
	.folders = 2,
	.mail = FIRST,
	.n = N(FIRST),
	.flush_every = 2 };

/* INBOX goes on, Sent was made again with its mail, one was moved. */
static const char *const NOW[] = { "Moved", "INBOX", "Sent" };
static const uint32_t VALIDITY[] = { 5, 1000, 77 };
static const uint32_t BASE[] = { 0, 1, 0 };
static const struct kit_mail SECOND[] = {
	{ .folder = 0,
	    .uid = 1,
	    .bytes = "two\n\r\n",
	    .epoch = 1500000001,
	    .keywords = "later" },
	{ .folder = 1,
	    .uid = 4,
	    .bytes = "four\r\n",
	    .epoch = 1600000000,
	    .keywords = "also work" },
	{ .folder = 2, .uid = 1, .bytes = "one\r\n", .epoch = 1500000000 },
	{ .folder = 2,
	    .uid = 2,
	    .bytes = "ten\r\n",
	    .epoch = 1500000010,
	    .flags = FLAG_FLAGGED },
};
static const struct kit_mail GONE[] = { { .folder = 1, .uid = 2 } };
static const struct kit_mail READ[] = {
	{ .folder = 1, .uid = 3, .flags = FLAG_SEEN },
};
static const struct kit_plan DELTA = { .folder = NOW,
	.folders = 3,
	.uidvalidity = VALIDITY,
	.base = BASE,
	.mail = SECOND,
	.n = N(SECOND),
	.gone = GONE,
	.gones = N(GONE),
	.flagged = READ,
	.flaggeds = N(READ) };

/* Another keyword in INBOX, behind those of both before. */
static const uint32_t ALL[] = { 1, 2, 3 };
static const struct kit_mail LAST[] = {
	{ .folder = 1,
	    .uid = 5,
	    .bytes = "five\r\n",
	    .epoch = 1600000001,
	    .keywords = "latest work" },
};
static const struct kit_plan THIRD = { .folder = NOW,
	.folders = 3,
	.uidvalidity = VALIDITY,
	.base = ALL,
	.mail = LAST,
	.n = N(LAST) };

/* Runs a script in the directory; skips the test when a tool is absent. */
static void
run(const struct kin_kit *k, const char *tool, const char *script)
{
	char *command;
	int status;

	command = xasprintf("command -v %s >/dev/null", tool);
	status = system(command);
	free(command);
	if (status != 0)
		skip();
	command =
	    xasprintf("cd '%s' && { %s ; } >out 2>&1", k->kit.dir, script);
	status = system(command);
	free(command);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: %s", script, tempdir_read(k->kit.dir, "out"));
}

static void
out_is(const struct kin_kit *k, const char *want)
{
	char *out = tempdir_read(k->kit.dir, "out");

	assert_string_equal(out, want);
	free(out);
}

static void
tar_extracts_the_chain_without_a_word(void **state)
{
	run(*state, "tar",
	    "rm -rf x && mkdir x && for a in 1 2 3; do "
	    "tar -C x --zstd -xf $a.tar.zst || exit; done");
	out_is(*state, "");
}

/* Each line names a file that is there, with the octets that it names. */
static void
every_message_of_dovecots_lists_is_there(void **state)
{
	run(*state, "b2sum",
	    "cd x/maildir && find . -name dovecot-uidlist | sort | "
	    "while read l; do d=${l%/*}; sed 1d $l | "
	    "while IFS=: read uid n; do h=${n#*V*.}; h=${h%%.*}; "
	    "for f in $d/cur/$n:2,*; do "
	    "b2sum -l 256 $f | grep -q ^$h && echo $d $uid; "
	    "done; done; done");
	out_is(*state,
	    "./.Moved 1\n./.Sent 1\n./.Sent 2\n. 1\n. 3\n. 4\n. 5\n");
}

static void
letters_mean_what_they_meant(void **state)
{
	run(*state, "tar",
	    "cd x/maildir && cat dovecot-keywords && ls cur | "
	    "sed 's/^[0-9]*\\.U\\([0-9]*\\).*:2,/\\1 /' && "
	    "cat .Moved/dovecot-keywords");
	out_is(*state,
	    "0 urgent\n1 work\n2 later\n3 also\n4 latest\n"
	    "1 Sab\n2 c\n3 \n4 bd\n5 be\n0 later\n");
}

static void
what_was_moved_is_the_same_file(void **state)
{
	run(*state, "tar",
	    "cd x/maildir && test .Moved/cur/* -ef cur/*.U2V* && "
	    "stat -c %Y .Moved/cur/*");
	out_is(*state, "1500000001\n");
}

static void
minisign_verifies_the_manifests_of_a_delta(void **state)
{
	run(*state, "minisign",
	    "minisign -Vq -p pub -m 2.tar.zst && rm -rf y && mkdir y && "
	    "tar -C y --zstd -xf 2.tar.zst manifest && "
	    "for m in y/manifest/*.tsv; do "
	    "minisign -Vq -p pub -m $m || exit; done; "
	    "ls y/manifest/*.tsv | wc -l");
	out_is(*state, "4\n");
}

/* The final tells it in the words of manifest.h. */
static void
the_final_says_what_changed(void **state)
{
	run(*state, "tar",
	    "rm -rf y && mkdir y && tar -C y --zstd -xf 2.tar.zst manifest && "
	    "cd y/manifest && { grep -h '^kind\\|^gen' 000000.tsv; "
	    "grep -h '^r\t' 0*.tsv; grep '^[xf]\t\\|^base' final.tsv; } | "
	    "cut -f 1-4 | tr '\t' ' '");
	out_is(*state,
	    "kind delta\ngeneration 2\nr 1 1 1\nr 1 1 0\nr 1 3 0\n"
	    "base 1 0\nx 1 2\nf 1 3 S\n");
}

static int
open_all(void **state)
{
	static const struct kit_plan *const plan[] = { &FULL, &DELTA, &THIRD };
	static struct kin_kit k;
	struct fault f = FAULT_INIT;
	char name[32];
	size_t i;

	kin_kit_open(&k);
	for (i = 0; i < N(plan); i++) {
		const struct kit_archive *a = &k.archive[i];

		kin_kit_add(&k, plan[i]);
		(void)snprintf(name, sizeof(name), "%zu.tar.zst", i + 1);
		assert_int_equal(file_create(tempdir_path(k.kit.dir, name),
				     0600, a->bytes.data, a->bytes.len, &f),
		    RC_OK);
		(void)snprintf(name, sizeof(name), "%zu.tar.zst.minisig",
		    i + 1);
		assert_int_equal(file_create(tempdir_path(k.kit.dir, name),
				     0600, a->minisig.data, a->minisig.len, &f),
		    RC_OK);
	}
	*state = &k;
	return 0;
}

static int
close_all(void **state)
{
	kin_kit_close(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tar_extracts_the_chain_without_a_word),
		cmocka_unit_test(every_message_of_dovecots_lists_is_there),
		cmocka_unit_test(letters_mean_what_they_meant),
		cmocka_unit_test(what_was_moved_is_the_same_file),
		cmocka_unit_test(minisign_verifies_the_manifests_of_a_delta),
		cmocka_unit_test(the_final_says_what_changed),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
