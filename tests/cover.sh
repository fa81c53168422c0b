#!/bin/sh
# cover.sh BUILD: after a run of the tests of that build, how much of each file
# they went through, by lcov or gcovr where there is one, else by gcov alone.
set -eu

cd "$(dirname "$0")/.."
build=${1:-build/cover}

if command -v gcovr >/dev/null; then
	exec gcovr -r . --object-directory "$build" -e tests
fi
if command -v lcov >/dev/null; then
	lcov -q -c -b . -d "$build" --no-external -o "$build/all.info"
	lcov -q -r "$build/all.info" '*/tests/*' -o "$build/cover.info"
	exec lcov --list "$build/cover.info"
fi
find "$build" -name '*.gcda' ! -path '*/tests/*' | sort |
	xargs -r gcov -n -r 2>/dev/null | awk '
	/^File / { file = $2; gsub("\047", "", file); next }
	/^Lines executed:/ && file != "" {
		sub(/^Lines executed:/, "")
		split($0, part, "% of ")
		printf "%6.1f %%  %5d lines  %s\n", part[1], part[2], file
		lines += part[2]
		run += part[1] * part[2]
		file = ""
	}
	END {
		if (lines)
			printf "%6.1f %%  %5d lines\n", run / lines, lines
	}'
