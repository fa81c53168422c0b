/*
 * Runs a fuzz target once over nothing and once over each file of the
 * directories named, without a fuzzer, and writes TAP: this is how old
 * crashers stay in `make check`. A directory that is not there is empty.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
replay(const char *path, unsigned number)
{
	FILE *file;
	uint8_t *data;
	long len;

	file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0)
		err(74, "%s", path);
	len = ftell(file);
	if (len < 0)
		err(74, "%s", path);
	rewind(file);
	/* Exactly as long as the input, so that ASan sees one octet too far. */
	data = malloc(len > 0 ? (size_t)len : 1);
	if (data == NULL)
		err(70, "%s", path);
	if (fread(data, 1, (size_t)len, file) != (size_t)len)
		err(74, "%s", path);
	if (fclose(file) != 0)
		err(74, "%s", path);
	(void)LLVMFuzzerTestOneInput(data, (size_t)len);
	free(data);
	printf("ok %u - %s\n", number, path);
}

static unsigned
replay_directory(const char *directory, unsigned number)
{
	struct dirent **names;
	char path[4096];
	int i, count, len;

	count = scandir(directory, &names, NULL, alphasort);
	if (count < 0 && errno == ENOENT)
		return number;
	if (count < 0)
		err(74, "%s", directory);
	for (i = 0; i < count; i++) {
		len = snprintf(path, sizeof(path), "%s/%s", directory,
		    names[i]->d_name);
		if (len < 0 || (size_t)len >= sizeof(path))
			errx(70, "%s: path too long", directory);
		if (names[i]->d_name[0] != '.')
			replay(path, ++number);
		free(names[i]);
	}
	free(names);
	return number;
}

int
main(int argc, char **argv)
{
	static const uint8_t nothing[1];
	unsigned number = 1;
	int i;

	if (setvbuf(stdout, NULL, _IOLBF, 0) != 0)
		err(74, "standard output");
	(void)LLVMFuzzerTestOneInput(nothing, 0);
	printf("ok 1 - no input at all\n");
	for (i = 1; i < argc; i++)
		number = replay_directory(argv[i], number);
	printf("1..%u\n", number);
	return fflush(stdout) == 0 ? 0 : 74;
}
