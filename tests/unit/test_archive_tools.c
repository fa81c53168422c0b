/* An archive in the hands of programs that share no code with us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/archive_kit.h"
#include "tests/unit/tempdir.h"
#include "util/file.h"

static const char *const FOLDERS[] = { "INBOX", "Gr\303\274n/A.b", "Empty",
	"A folder whose name is so long that with the name of a message in "
	"it no header of a tar can hold it and a record before it has to/And "
	"another one in it" };
static const struct kit_mail MAIL[] = {
	{ 0, 1, "S: one\r\n\r\n1\r\n", 0, 1500000000, false, FLAG_SEEN,
	    "$Forwarded b" },
	{ 0, 2, "S: two\r\n\r\n2\n\r\r\n", 0, 100, false, 0, NULL },
	{ 1, 11, "S: one\r\n\r\n1\r\n", 0, 1500000000, false, FLAG_FLAGGED,
	    "b" },
	{ 1, 12, "", 0, -86400, false, 0, NULL },
	{ 3, 1, "S: far\r\n\r\n", 0, 1, true, 0, "x" },
	{ 3, 2, "S: far\r\n\r\n", 0, 1, true, 0, NULL },
};
static const struct kit_plan PLAN = { .folder = FOLDERS,
	.folders = 4,
	.mail = MAIL,
	.n = 6,
	.flush_every = 4 };

struct tools {
	struct kit kit;
	struct kit_archive a;
};

/* Runs a script in the directory; skips the test when a tool is absent. */
static void
run(const struct tools *t, const char *tool, const char *script)
{
	char command[4096];
	int status, n;

	n = snprintf(command, sizeof(command), "command -v %s >/dev/null",
	    tool);
	assert_true(n > 0 && (size_t)n < sizeof(command));
	if (system(command) != 0)
		skip();
	n = snprintf(command, sizeof(command), "cd '%s' && { %s ; } >out 2>&1",
	    t->kit.dir, script);
	assert_true(n > 0 && (size_t)n < sizeof(command));
	status = system(command);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: %s", script, tempdir_read(t->kit.dir, "out"));
}

static void
out_is(const struct tools *t, const char *want)
{
	char *out = tempdir_read(t->kit.dir, "out");

	assert_string_equal(out, want);
	free(out);
}

static void
zstd_tests_it(void **state)
{
	run(*state, "zstd", "zstd -q -t a.tar.zst && zstd -l a.tar.zst");
}

static void
tar_extracts_it_without_a_word(void **state)
{
	run(*state, "tar",
	    "rm -rf x && mkdir x && tar -C x --zstd -xf "
	    "a.tar.zst");
	out_is(*state, "");
	run(*state, "tar",
	    "rm -rf y && mkdir y && zstd -qdc a.tar.zst | "
	    "tar -C y -xf - && diff -r x y");
	out_is(*state, "");
}

static void
a_link_is_one_file_and_modes_are_private(void **state)
{
	run(*state, "tar",
	    "rm -rf x && mkdir x && tar -C x --zstd -xf "
	    "a.tar.zst && find x/* -type f -links 2 | wc -l && "
	    "find x/* -type d ! -perm 700 -path '*maildir*' && "
	    "find x/* -type f ! -perm 600");
	out_is(*state, "4\n");
}

static void
minisign_verifies_file_and_manifests(void **state)
{
	run(*state, "minisign",
	    "minisign -Vq -p pub -m a.tar.zst && "
	    "rm -rf x && mkdir x && "
	    "tar -C x --zstd -xf a.tar.zst && "
	    "for m in x/manifest/*.tsv; do "
	    "minisign -Vq -p pub -m $m || exit; done; "
	    "ls x/manifest/*.tsv | wc -l");
	out_is(*state, "5\n");
}

static void
b2sum_checks_the_tree_by_the_manifests(void **state)
{
	run(*state, "b2sum",
	    "rm -rf x && mkdir x && cd x && "
	    "tar --zstd -xf ../a.tar.zst && "
	    "awk -F'\\t' '/^[ml]\\t/ { print $2 \"  \" $14 } "
	    "/^f\\t/ { print $2 \"  \" $5 }' manifest/0*.tsv "
	    ">../sums && b2sum -l 256 --quiet --strict -c "
	    "../sums");
	out_is(*state, "");
	run(*state, "b2sum", "grep -c 'maildir/.*/cur/\\|maildir/cur/' sums");
	out_is(*state, "6\n");
}

static void
awk_and_b2sum_make_the_canonical_state(void **state)
{
	run(*state, "b2sum",
	    "rm -rf x && mkdir x && cd x && tar --zstd -xf ../a.tar.zst && "
	    "for n in 0 1 2 3; do cat manifest/0*.tsv | awk -F'\\t' -v n=$n "
	    "'$1 == \"folder\" && $2 == n { print \"folder\\t\" n \"\\t\" $3 "
	    "\"\\t\" $6 }'; cat manifest/0*.tsv | awk -F'\\t' -v OFS='\\t' -v "
	    "n=$n '/^[ml]\\t/ && $9 == n { print $10, $2, $6, $7, $8, $11, "
	    "$12 }' | sort -n; done | b2sum -l 256 | cut -d' ' -f1 >../have; "
	    "awk -F'\\t' '$1 == \"state\" { print $4 }' manifest/final.tsv "
	    ">../want; diff ../want ../have");
	out_is(*state, "");
}

static void
the_tar_is_whole_records_and_ends_as_posix_wants(void **state)
{
	run(*state, "zstd",
	    "test $(($(zstd -qdc a.tar.zst | wc -c) % 10240)) "
	    "-eq 0 && zstd -qdc a.tar.zst | tail -c 1024 | "
	    "tr -d '\\0' | wc -c");
	out_is(*state, "0\n");
}

static void
dovecots_files_say_what_the_source_said(void **state)
{
	run(*state, "tar",
	    "rm -rf x && mkdir x && tar -C x --zstd -xf a.tar.zst && "
	    "cd x/maildir && sed 's/ G.*//; s/:.*\\.mailproof/:/' "
	    "dovecot-uidlist && cat dovecot-keywords subscriptions && "
	    "sed 1d .Empty/dovecot-uidlist && ls .Empty cur | sed 's/.*://'");
	out_is(*state,
	    "3 V1000 N3\n1 :,S=10,W=13\n2 :,S=15,W=16\n"
	    "0 $Forwarded\n1 b\nINBOX\nEmpty\n"
	    "\ncur\ndovecot-uidlist\nmaildirfolder\nnew\ntmp\n\n\n2,\n2,Sab\n");
}

static int
open_all(void **state)
{
	static struct tools t;
	struct fault f = FAULT_INIT;

	kit_open(&t.kit);
	kit_write(&t.kit, &PLAN, &t.a);
	assert_int_equal(file_create(tempdir_path(t.kit.dir, "a.tar.zst"), 0600,
			     t.a.bytes.data, t.a.bytes.len, &f),
	    RC_OK);
	assert_int_equal(file_create(tempdir_path(t.kit.dir,
					 "a.tar.zst.minisig"),
			     0600, t.a.minisig.data, t.a.minisig.len, &f),
	    RC_OK);
	*state = &t;
	return 0;
}

static int
close_all(void **state)
{
	struct tools *t = *state;

	kit_release(&t->a);
	kit_close(&t->kit);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zstd_tests_it),
		cmocka_unit_test(tar_extracts_it_without_a_word),
		cmocka_unit_test(a_link_is_one_file_and_modes_are_private),
		cmocka_unit_test(minisign_verifies_file_and_manifests),
		cmocka_unit_test(b2sum_checks_the_tree_by_the_manifests),
		cmocka_unit_test(awk_and_b2sum_make_the_canonical_state),
		cmocka_unit_test(
		    the_tar_is_whole_records_and_ends_as_posix_wants),
		cmocka_unit_test(dovecots_files_say_what_the_source_said),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
