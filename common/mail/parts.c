#include "mail/parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"

enum { EXTENSION_MAX = 8 };

void
parts_clear(struct parts *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].name);
	p->n = 0;
	p->cut = false;
}

void
parts_release(struct parts *p)
{
	parts_clear(p);
	free(p->v);
	memset(p, 0, sizeof(*p));
}

/* type/subtype of visible ASCII. */
static void
set_type(struct part *p, const char *type, size_t n)
{
	const char *slash = memchr(type, '/', n);
	size_t i;

	memcpy(p->type, "?", 2);
	if (n > PART_TYPE_MAX || slash == NULL || slash == type ||
	    slash == type + n - 1)
		return;
	for (i = 0; i < n; i++)
		if (type[i] <= ' ' || type[i] > '~')
			return;
	for (i = 0; i < n; i++)
		p->type[i] = (char)tolower((unsigned char)type[i]);
	p->type[n] = '\0';
}

/* Parts that are no attachment though they are not text. */
static bool
is_of_the_message(const char *type)
{
	static const char *const own[] = { "?", "message/delivery-status",
		"message/disposition-notification", "message/global-headers",
		"message/feedback-report", "application/pgp-signature",
		"application/pgp-encrypted", "application/pkcs7-signature",
		"application/x-pkcs7-signature" };
	size_t i;

	if (strncmp(type, "text/", 5) == 0 ||
	    strncmp(type, "multipart/", 10) == 0)
		return true;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(type, own[i]) == 0)
			return true;
	return false;
}

static bool
says_attachment(const struct part_facts *f)
{
	return f->disposition != NULL && f->disposition_len == 10 &&
	    strncasecmp(f->disposition, "attachment", 10) == 0;
}

void
parts_add(struct parts *p, const struct part_facts *f)
{
	struct buf name = BUF_INIT;
	struct part *part;

	if (p->n == PARTS_MAX) {
		p->cut = true;
		return;
	}
	p->v = xgrow(p->v, p->n, &p->cap, sizeof(p->v[0]));
	part = &p->v[p->n++];
	set_type(part, f->type, f->type_len);
	part->octets = f->octets;
	if (f->disposition == NULL ||
	    !params_text(f->disposition_params, "filename", PART_NAME_MAX,
		&name))
		(void)params_text(f->type_params, "name", PART_NAME_MAX, &name);
	part->name = xstrdup(buf_str(&name));
	part->attachment = says_attachment(f) || part->name[0] != '\0' ||
	    !is_of_the_message(part->type);
	buf_release(&name);
}

void
part_kind(const struct part *p, struct buf *out)
{
	const char *dot = strrchr(p->name, '.');
	size_t i;

	buf_adds(out, p->type);
	if (strcmp(p->type, "application/octet-stream") != 0 || dot == NULL ||
	    dot[1] == '\0' || strlen(dot + 1) > EXTENSION_MAX)
		return;
	for (i = 1; dot[i] != '\0'; i++)
		if (!isalnum((unsigned char)dot[i]))
			return;
	buf_adds(out, " .");
	for (i = 1; dot[i] != '\0'; i++)
		buf_addc(out, tolower((unsigned char)dot[i]));
}
