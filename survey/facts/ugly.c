#include "sums.h"

/* What the kinds of ugly mail are called. */
static const struct {
	const char *word;
	const char *phrase;
} name[UGLY_KINDS] = {
	[UGLY_NO_ID] = { "no-message-id", "without Message-ID" },
	[UGLY_8BIT_HEADER] = { "8bit-header", "with 8-bit headers" },
	[UGLY_UTF8_HEADER] = { "utf8-header", "with UTF-8 headers" },
	[UGLY_BAD_HEADER] = { "bad-header",
	    "with header lines that are no "
	    "field" },
	[UGLY_NO_HEADER] = { "no-header", "without any header" },
	[UGLY_NUL_HEADER] = { "nul-header", "with NUL in the header" },
	[UGLY_EMPTY] = { "empty", "of no octet" },
	[UGLY_NO_DATE] = { "no-internaldate", "without INTERNALDATE" },
	[UGLY_OLD] = { "old-date", "with an INTERNALDATE before 1990" },
	[UGLY_FUTURE] = { "future-date", "with an INTERNALDATE to come" },
	[UGLY_DATE_FIELD] = { "bad-date-field",
	    "without a Date: that can be "
	    "read" },
	[UGLY_DATES_APART] = { "dates-apart",
	    "whose Date: and INTERNALDATE "
	    "are over 30 days apart" },
	[UGLY_OVER_LIMIT] = { "over-limit", "larger than the target takes" },
	[UGLY_STRUCTURE] = { "no-structure", "whose parts are not known" },
	[UGLY_LINE_998] = { "line-998", "with lines over 998 octets" },
	[UGLY_LINE_10000] = { "line-10000", "with lines over 10,000 octets" },
	[UGLY_NUL] = { "nul", "with NUL" },
	[UGLY_BARE_LF] = { "bare-lf", "with LF that no CR precedes" },
	[UGLY_BARE_CR] = { "bare-cr", "with CR that no LF follows" },
	[UGLY_8BIT_BODY] = { "8bit-body", "with 8-bit bodies" },
	[UGLY_NO_END] = { "no-final-line-end", "whose last line has no end" },
	[UGLY_REFUSED] = { "refused",
	    "that the server lists and does not "
	    "give" },
};

const char *
ugly_word(enum ugly u)
{
	return name[u].word;
}

const char *
ugly_phrase(enum ugly u)
{
	return name[u].phrase;
}
