/* The search for the end of a frame, and its content. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stores/archive/format.h"
#include "stores/archive/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct frame_caps caps = { .size = 1 << 20,
		.window = MANIFEST_WINDOW };
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct spool *packed = spool_new(1 << 20), *plain = spool_new(1 << 20);
	struct frame_in *z = frame_in_new();
	struct input *in;
	struct frame r;
	struct fault f = FAULT_INIT;
	bool cut;

	if (fd < 0 || write(fd, data, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	in = input_new(fd, true);
	while (frame_copy(in, &caps, packed, &r, &cut, &f) == RC_OK) {
		if (r.compressed != spool_size(packed))
			abort();
		if (frame_in_spool(z, packed, r.size, plain, &f) == RC_OK &&
		    spool_size(plain) != r.size)
			abort();
		spool_clear(packed);
		spool_clear(plain);
	}
	frame_in_free(z);
	spool_free(packed);
	spool_free(plain);
	input_free(in);
	return 0;
}
