#include <poll.h>
#include <stddef.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/wait.h"

enum rc
wait_ms(int ms, struct fault *f)
{
	int64_t end = clock_ms() + ms, left;
	enum rc rc;

	for (;;) {
		rc = interrupt_check(f);
		left = end - clock_ms();
		if (rc != RC_OK || left <= 0)
			return rc;
		/* a signal between the check and poll must not cost long */
		(void)poll(NULL, 0, left < 200 ? (int)left : 200);
	}
}
