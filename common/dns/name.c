#include "dns/name.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

enum { LABEL_MAX = 63 };

static bool
is_name_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_';
}

/* NULL, or what is wrong. */
static const char *
wrong_with(const char *s)
{
	size_t label = 0;
	const char *p;

	if (*s == '\0')
		return "is empty";
	if (strlen(s) > DNS_NAME_MAX)
		return "is longer than a name can be";
	for (p = s;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0)
				return "has an empty label";
			if (label > LABEL_MAX)
				return "has a label of more than 63 octets";
			label = 0;
			if (*p == '\0')
				return NULL;
		} else if (!is_name_octet(*p)) {
			return "has a character that no host has";
		} else {
			label++;
		}
	}
}

static char *
lowered(const char *s)
{
	char *copy = xstrdup(s), *p;
	size_t n = strlen(copy);

	if (n > 1 && copy[n - 1] == '.')
		copy[n - 1] = '\0';
	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s > 0x7f)
			return false;
	return true;
}

static enum rc
to_ascii(const char *option, const char *s, char **r, struct fault *f)
{
	char *ascii = NULL;
	int code;

	code =
	    idn2_to_ascii_8z(s, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (code != IDN2_OK)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "%s %s: is no internationalized name (%s): give it in "
		    "UTF-8, or as xn--",
		    option, s, idn2_strerror(code));
	*r = lowered(ascii);
	idn2_free(ascii);
	return RC_OK;
}

enum rc
dns_name_take(const char *option, const char *s, char **r, struct fault *f)
{
	const char *wrong;
	char *name = NULL;

	if (is_ascii(s))
		name = lowered(s);
	else if (to_ascii(option, s, &name, f) != RC_OK)
		return RC_STORE;
	if (name == NULL)
		return RC_STORE;
	wrong = wrong_with(name);
	if (wrong == NULL) {
		*r = name;
		return RC_OK;
	}
	free(name);
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "%s %s: %s: give a name such as example.com", option, s, wrong);
}

bool
dns_name_is_in(const char *name, const char *zone)
{
	const size_t n = strlen(name), z = strlen(zone);

	return n >= z && strcmp(name + n - z, zone) == 0 &&
	    (n == z || name[n - z - 1] == '.');
}

const char *
dns_name_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL || dot[1] == '\0' ? NULL : dot + 1;
}
