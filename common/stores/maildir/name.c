#include <sodium.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stores/maildir/name.h"
#include "util/num.h"

enum { HOST_SIZE = 65 }; /* a host's name, cut, and a NUL */

size_t
name_base_length(const char *name)
{
	return strcspn(name, ":");
}

const char *
name_letters(const char *name)
{
	const char *info = name + name_base_length(name);

	return strncmp(info, ":2,", 3) == 0 ? info + 3 : "";
}

bool
name_virtual_size(const char *name, uint64_t *r)
{
	const char *p = strstr(name, ",W=");

	if (p == NULL || p > name + name_base_length(name))
		return false;
	p += 3;
	return num_u64(p, strcspn(p, ",:"), INT64_MAX, r);
}

/* What a file's name cannot hold or means something in it is left out. */
static void
add_host(struct buf *b)
{
	char host[HOST_SIZE];
	const char *p;

	if (gethostname(host, sizeof(host)) == -1)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	for (p = host; *p != '\0'; p++)
		buf_addc(b,
		    *p > ' ' && *p < 0x7f && strchr("/:,", *p) == NULL ? *p :
									 '_');
	if (host[0] == '\0')
		buf_adds(b, "localhost");
}

void
name_unique(struct buf *b, unsigned serial)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	buf_addf(b, "%lld.M%06ldP%ldQ%uR%08lx%08lx.", (long long)now.tv_sec,
	    now.tv_nsec / 1000, (long)getpid(), serial,
	    (unsigned long)randombytes_random(),
	    (unsigned long)randombytes_random());
	add_host(b);
}
