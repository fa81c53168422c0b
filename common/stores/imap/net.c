#include "stores/imap/net.h"

#include <stdlib.h>
#include <string.h>

#include "net/link.h"
#include "stores/imap/guard.h"
#include "stores/imap/squeeze.h"
#include "util/clock.h"
#include "util/mem.h"

enum {
	STREAM_BUFFER = 64 << 10, /* libetpan's, each way */
	INPUT_BUFFER = 64 << 10,  /* ours, before the guard */
	/* libetpan moves its whole buffer down for each line it takes out:
	 * lines are given in small portions. */
	LINES_PORTION = 4 << 10,
	/* With less of a literal to come it is read together with the lines
	 * behind it. */
	DIRECT_MIN = 16 << 10,
};

struct net {
	mailstream_low_driver driver; /* one each: nothing is shared */
	struct link link;
	struct squeeze *squeeze; /* NULL: not compressed */
	struct guard *guard;
	size_t at, end; /* of input: not yet guarded */
	unsigned char input[INPUT_BUFFER];
};

static ssize_t
take_in(struct net *n, void *to, size_t max)
{
	if (n->squeeze != NULL)
		return squeeze_read(n->squeeze, &n->link, to, max);
	return link_read(&n->link, to, max);
}

/* More input; what was there is used up. */
static int
fill(struct net *n)
{
	ssize_t got = take_in(n, n->input, sizeof(n->input));

	if (got < 0)
		return -1;
	n->at = 0;
	n->end = (size_t)got;
	return 0;
}

/* Octets of the literal that is being read, if there is one, straight into
 * libetpan's buffer; 0 when lines come, or when octets went by that are not
 * for the parser. */
static ssize_t
read_literal(struct net *n, void *to, size_t max)
{
	uint64_t left;
	ssize_t got;
	bool keep;

	left = guard_literal(n->guard, &keep);
	if (left == 0)
		return 0;
	if (max > left)
		max = (size_t)left;
	if (n->at == n->end && keep && left >= DIRECT_MIN) {
		got = take_in(n, to, max);
		if (got > 0)
			guard_passed(n->guard, (size_t)got);
		return got;
	}
	if (n->at == n->end && fill(n) != 0)
		return -1;
	if (max > n->end - n->at)
		max = n->end - n->at;
	if (keep)
		memcpy(to, n->input + n->at, max);
	n->at += max;
	guard_passed(n->guard, max);
	return keep ? (ssize_t)max : 0;
}

/* Feeds the guard until it has lines to give, or a literal comes. */
static int
read_lines(struct net *n)
{
	size_t used;
	bool keep;

	while (guard_literal(n->guard, &keep) == 0 &&
	    guard_ready(n->guard) < LINES_PORTION) {
		if (n->at == n->end) {
			/* What there is is given before more is waited for. */
			if (guard_ready(n->guard) > 0)
				return 0;
			if (fill(n) != 0)
				return -1;
		}
		switch (guard_feed(n->guard, n->input + n->at, n->end - n->at,
		    &used)) {
		case GUARD_REFUSED:
			link_trouble(&n->link, NET_HOSTILE,
			    guard_complaint(n->guard));
			return -1;
		case GUARD_BYE:
			link_trouble(&n->link, NET_EOF, "");
			return -1;
		case GUARD_HALT:
			n->at += used;
			return 0;
		case GUARD_LINE:
		case GUARD_MORE:
			n->at += used;
			break;
		}
	}
	return 0;
}

static ssize_t
net_read(mailstream_low *low, void *to, size_t max)
{
	struct net *n = low->data;
	ssize_t got;
	size_t ready;

	while (n->link.trouble == NET_FINE) {
		ready = guard_take(n->guard, to, max);
		if (ready > 0)
			return (ssize_t)ready;
		got = read_literal(n, to, max);
		if (got != 0)
			return got;
		if (read_lines(n) != 0)
			break;
	}
	return -1;
}

static ssize_t
net_write(mailstream_low *low, const void *from, size_t len)
{
	struct net *n = low->data;

	if (n->squeeze != NULL)
		return squeeze_write(n->squeeze, &n->link, from, len);
	return link_write(&n->link, from, len);
}

static int
net_close(mailstream_low *low)
{
	struct net *n = low->data;

	link_close(&n->link);
	return 0;
}

static int
net_get_fd(mailstream_low *low)
{
	return net_fd(low->data);
}

static void
net_release(struct net *n)
{
	link_close(&n->link);
	guard_free(n->guard);
	squeeze_free(n->squeeze);
	explicit_bzero(n->input, sizeof(n->input));
	free(n);
}

static void
net_free(mailstream_low *low)
{
	net_release(low->data);
	free(low);
}

static void
net_cancel(mailstream_low *low)
{
	(void)low;
}

enum rc
net_open(const struct endpoint *at, mailstream **stream_r, struct net **net_r,
    struct fault *f)
{
	struct net *n = xcalloc(1, sizeof(*n));
	mailstream_low *low = NULL;
	mailstream *stream = NULL;
	enum rc rc;

	n->driver.mailstream_read = net_read;
	n->driver.mailstream_write = net_write;
	n->driver.mailstream_close = net_close;
	n->driver.mailstream_get_fd = net_get_fd;
	n->driver.mailstream_free = net_free;
	n->driver.mailstream_cancel = net_cancel;
	rc = link_open(&n->link, at, f);
	if (rc != RC_OK) {
		free(n);
		return rc;
	}
	/* libetpan counts the octets of a literal in 32 bits. */
	n->guard = guard_new(UINT32_MAX);
	low = mailstream_low_new(n, &n->driver);
	if (low != NULL)
		stream = mailstream_new(low, STREAM_BUFFER);
	if (stream == NULL) {
		free(low);
		net_release(n);
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	}
	*stream_r = stream;
	*net_r = n;
	return RC_OK;
}

enum rc
net_starttls(struct net *n, mailstream *stream, const struct endpoint *at,
    struct fault *f)
{
	/* Bytes that came before the handshake are not protected by it:
	 * somebody may have put them there (CVE-2011-0411). */
	if (stream->read_buffer_len != 0 || n->at != n->end ||
	    guard_ready(n->guard) != 0)
		return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "the server's answer to STARTTLS has something behind it "
		    "that TLS does not protect: use imaps:// instead");
	return link_secure(&n->link, at, f);
}

enum rc
net_compress(struct net *n, mailstream *stream, struct fault *f)
{
	_Static_assert((int)INPUT_BUFFER <= (int)SQUEEZE_EARLY_MAX,
	    "early octets fit");

	if (stream->read_buffer_len != 0 || guard_ready(n->guard) != 0)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "the server's answer to COMPRESS has something behind it "
		    "that is not compressed");
	n->squeeze = squeeze_new(n->input + n->at, n->end - n->at);
	if (n->squeeze == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	n->at = n->end;
	return RC_OK;
}

bool
net_is_compressed(const struct net *n)
{
	return n->squeeze != NULL;
}

bool
net_is_local(const struct net *n)
{
	return link_is_loopback(&n->link);
}

bool
net_is_far(const struct net *n)
{
	return !net_is_local(n) && n->link.turn_us > NET_FAR_US;
}

enum net_trouble
net_trouble(const struct net *n, const char **text_r)
{
	*text_r = n->link.text;
	return n->link.trouble;
}

const char *
net_last_line(const struct net *n)
{
	return guard_last_line(n->guard);
}

const char *
net_tagged_line(const struct net *n)
{
	return guard_tagged_line(n->guard);
}

const char *
net_words(const struct net *n)
{
	return guard_words(n->guard);
}

bool
net_raw(struct net *n, bool raw)
{
	return guard_raw(n->guard, raw);
}

int
net_timeout(struct net *n, int ms)
{
	int was = n->link.timeout_ms;

	n->link.timeout_ms = ms;
	return was;
}

void
net_linger(struct net *n, int ms)
{
	n->link.linger_until = ms > 0 ? clock_ms() + ms : 0;
}

const char *
net_tls(const struct net *n)
{
	return n->link.tls != NULL ? tls_describe(n->link.tls) : "";
}

const struct tls_facts *
net_tls_facts(const struct net *n)
{
	return n->link.tls != NULL ? tls_facts(n->link.tls) : NULL;
}

void
net_traffic(const struct net *n, uint64_t *in_r, uint64_t *out_r)
{
	*in_r = n->link.in;
	*out_r = n->link.out;
}

int
net_fd(const struct net *n)
{
	return n->link.fd;
}
