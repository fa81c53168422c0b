#include "tests/unit/harvest_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/harvest.h"
#include "util/mem.h"

struct fake {
	struct store store; /* first */
	struct world *world;
	unsigned number;
	unsigned reads;
	const struct folder *selected;
	enum store_mode mode;
	/* what is to be asked behind the next operation */
	struct store_ask told[TOLD];
	size_t n;
	struct store_ask next; /* as it was told; number 0: it was not */
	struct store_info info;
};

static size_t
place_of(const struct world *w, const struct folder *folder)
{
	(void)w;
	return (size_t)folder->bytes; /* see world_fill */
}

/* The operation that begins was told, or was the first of all. */
static void
compare(struct fake *k, enum store_mode mode, const struct msg *m, size_t n)
{
	if (k->next.number == 0)
		return;
	if (k->next.folder != k->selected || k->next.mode != mode ||
	    (mode == STORE_AGAIN && (k->next.m != m || k->next.n != n)))
		k->world->apart++;
}

static enum rc
fake_select(struct store *s, const struct folder *folder, enum store_mode mode,
    struct folder_state *r, struct fault *f)
{
	struct fake *k = (struct fake *)s;

	(void)f;
	k->selected = folder;
	k->mode = mode;
	r->uidvalidity = 1;
	r->exists = (uint32_t)k->world->messages[place_of(k->world, folder)];
	return RC_OK;
}

static enum rc
fake_scan(struct store *s, uint32_t first, unsigned want, store_scan_fn *fn,
    void *arg, uint64_t *seen_r, struct fault *f)
{
	struct fake *k = (struct fake *)s;
	size_t n = k->world->messages[place_of(k->world, k->selected)], i;
	struct msg m = { .keywords = "", .size = k->world->size };
	enum rc rc = RC_OK;

	(void)want;
	compare(k, STORE_LIST, NULL, 0);
	for (i = first; rc == RC_OK && i <= n; i++) {
		m.uid = (uint32_t)i;
		rc = fn(arg, &m, NULL, f);
	}
	*seen_r = n;
	return rc;
}

static enum rc
fake_changes(struct store *s, uint64_t since, store_scan_fn *fn,
    store_gone_fn *gone, void *arg, struct fault *f)
{
	struct fake *k = (struct fake *)s;
	size_t n = k->world->messages[place_of(k->world, k->selected)], i;
	struct msg m = { .keywords = "", .size = k->world->size };
	enum rc rc;

	compare(k, STORE_LIST, NULL, 0);
	rc = gone(arg, 1, 1, f);
	for (i = n; rc == RC_OK && i > since; i--) {
		m.uid = (uint32_t)i;
		rc = fn(arg, &m, NULL, f);
	}
	return rc;
}

static enum rc
fake_read(struct store *s, const struct msg *m, size_t n, store_read_fn *fn,
    void *arg, struct fault *f)
{
	struct fake *k = (struct fake *)s;
	struct body body = { .spool = NULL };
	struct world *w = k->world;
	enum rc rc = RC_OK;
	size_t i;

	assert_non_null(k->selected);
	compare(k, STORE_AGAIN, m, n);
	k->reads++;
	for (i = 0; rc == RC_OK && i < n; i++) {
		if (k->number == w->frail && k->reads == w->frail_at &&
		    i == n / 2)
			return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "cut");
		if (w->forgetful && k->n > 0 && i % 10 == 0)
			continue;
		rc = fn(arg, &m[i], READ_BODY, &body, NULL, f);
	}
	/* Another may be selected behind our back. */
	if (s->ops->ahead != NULL)
		k->selected = NULL;
	return rc;
}

static void
fake_ahead(struct store *s, const struct store_ask *ask, size_t n)
{
	struct fake *k = (struct fake *)s;
	size_t i;

	assert_true(n <= TOLD);
	memset(&k->next, 0, sizeof(k->next));
	if (k->n > 0)
		k->next = k->told[0];
	for (i = 0; i < n; i++) {
		assert_true(ask[i].number > 0);
		assert_true(i == 0 || ask[i].number > ask[i - 1].number);
		k->told[i] = ask[i];
	}
	k->n = n;
	if (n > k->world->told)
		k->world->told = n;
}

static const struct store_info *
fake_info(const struct store *s)
{
	const struct fake *k = (const struct fake *)s;

	return &k->info;
}

static void
fake_free(struct store *s)
{
	free(s);
}

static const struct store_ops foreseeing = {
	.kind = "fake",
	.select = fake_select,
	.scan = fake_scan,
	.changes = fake_changes,
	.read = fake_read,
	.ahead = fake_ahead,
	.info = fake_info,
	.free = fake_free,
};

static const struct store_ops blind = {
	.kind = "blind",
	.select = fake_select,
	.scan = fake_scan,
	.changes = fake_changes,
	.read = fake_read,
	.info = fake_info,
	.free = fake_free,
};

/* Called from several threads: no locks, as each has its own number only
 * where the test says so. */
static enum rc
fake_open(void *arg, struct store **r, struct fault *f)
{
	struct world *w = arg;
	unsigned number = __atomic_add_fetch(&w->stores, 1, __ATOMIC_SEQ_CST);
	struct fake *k;

	if (number > w->most)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "one connection is enough");
	k = xcalloc(1, sizeof(*k));
	k->store.ops = w->blind ? &blind : &foreseeing;
	k->world = w;
	k->number = number;
	k->info.connections = w->worth;
	*r = &k->store;
	return RC_OK;
}

static bool
on_suffices(void *arg, const struct harvest_folder *h)
{
	struct world *w = arg;

	if (!h->changes || h->listed.n != w->news || h->gone_n != 1)
		__atomic_add_fetch(&w->wrong, 1, __ATOMIC_SEQ_CST);
	return !w->vague;
}

static enum rc
on_begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct world *w = arg;
	size_t i;

	(void)f;
	for (i = 1; i < h->listed.n; i++)
		w->wrong += h->listed.v[i - 1].uid >= h->listed.v[i].uid;
	w->wrong += h->seen != h->exists;
	w->wrong += h->gone_n != (h->changes ? 1 : 0);
	w->changes += h->changes;
	h->owner = w;
	w->begun++;
	return RC_OK;
}

static enum rc
on_message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct world *w = arg;

	(void)f;
	assert_int_equal(m->fate, READ_BODY);
	w->fates[place_of(w, h->folder)][m->msg->uid]++;
	return RC_OK;
}

static void
on_end(void *arg, struct harvest_folder *h)
{
	struct world *w = arg;

	h->owner = NULL;
	w->ended++;
}

static void
on_drop(void *arg, struct harvest_folder *h)
{
	(void)arg;
	h->owner = NULL;
}

static enum rc
on_failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	struct world *w = arg;

	(void)h;
	(void)begun;
	(void)f;
	w->failed++;
	return RC_OK;
}

static void
on_lost(void *arg, const struct fault *f, unsigned left)
{
	struct world *w = arg;

	(void)f;
	(void)left;
	w->lost++;
}

void
world_fill(struct world *w, size_t messages, uint64_t size)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	w->size = size;
	w->most = 99;
	for (i = 0; i < FOLDERS; i++) {
		w->messages[i] = messages;
		w->folder[i].wire = (char *)(uintptr_t) "x";
		w->folder[i].name = (char *)(uintptr_t) "x";
		w->folder[i].status_known = true;
		w->folder[i].messages = (uint32_t)messages;
		w->folder[i].bytes = i;
		w->list[i] = &w->folder[i];
	}
}

enum rc
world_run(struct world *w, unsigned connections)
{
	static const struct harvest_ops ops = {
		.suffices = on_suffices,
		.begin = on_begin,
		.message = on_message,
		.end = on_end,
		.drop = on_drop,
		.failed = on_failed,
		.lost = on_lost,
	};
	struct harvest h = { &ops, w, NULL, fake_open, w, connections };
	struct fault f = FAULT_INIT;
	enum rc rc;

	size_t i;

	for (i = 0; w->news > 0 && i < FOLDERS; i++)
		w->folder[i].since = w->messages[i] - w->news;
	assert_int_equal(fake_open(w, &h.store, &f), RC_OK);
	rc = harvest_run(&h, w->list, FOLDERS, &f);
	store_free(h.store);
	return rc;
}

void
world_all_came(const struct world *w)
{
	world_last_came(w, MESSAGES);
}

void
world_last_came(const struct world *w, size_t n)
{
	size_t i, uid;

	for (i = 0; i < FOLDERS; i++)
		for (uid = 1; uid <= w->messages[i]; uid++)
			if (w->fates[i][uid] !=
			    (uid + n > w->messages[i] ? 1 : 0))
				fail_msg("folder %zu, message %zu: %u times", i,
				    uid, w->fates[i][uid]);
	assert_int_equal(w->begun, FOLDERS);
	assert_int_equal(w->ended, FOLDERS);
	assert_int_equal(w->failed, 0);
	assert_int_equal(w->wrong, 0);
}
