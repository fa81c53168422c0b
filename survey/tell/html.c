#include "html.h"

#include <string.h>

#include "mail/utf8.h"
#include "util/text.h"
#include "words.h"

enum { FOREIGN_MAX = 400 };

/* XML 1.0, Char; controls of C1 are in it, and nobody wants them. */
static bool
is_shown(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n';
	return c < 0x7f || (c > 0x9f && c != 0xfffe && c != 0xffff);
}

static void
add_character(struct buf *b, uint32_t c)
{
	switch (c) {
	case '&':
		buf_adds(b, "&amp;");
		break;
	case '<':
		buf_adds(b, "&lt;");
		break;
	case '>':
		buf_adds(b, "&gt;");
		break;
	case '"':
		buf_adds(b, "&quot;");
		break;
	case '\'':
		buf_adds(b, "&#39;");
		break;
	default:
		utf8_encode(b, is_shown(c) ? c : UTF8_REPLACEMENT);
		break;
	}
}

static void
add_text(struct buf *b, const char *text, size_t n)
{
	uint32_t c;
	size_t len;

	while (n > 0) {
		len = utf8_decode(text, n, &c);
		if (len == 0) {
			c = UTF8_REPLACEMENT;
			len = 1;
		}
		add_character(b, c);
		text += len;
		n -= len;
	}
}

void
html_text(struct buf *b, const char *text)
{
	if (text != NULL)
		add_text(b, text, strlen(text));
}

void
html_foreign(struct buf *b, const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text);
	const size_t shown =
	    n > FOREIGN_MAX ? utf8_cut(text, n, FOREIGN_MAX) : n;

	if (n == 0)
		return;
	buf_adds(b, "<bdi>");
	add_text(b, text, shown);
	buf_adds(b, shown < n ? "...</bdi>" : "</bdi>");
}

/* No "<" and no "&" in it: it is read as XML, too. */
static const char style[] =
    ":root{--ink:#1c2024;--soft:#5b6470;--line:#d5dae0;--paper:#fff;"
    "--card:#f5f7f9;--bar:#2f6db5;--bar2:#3d8f77;--good:#1d7a3e;"
    "--warn:#8a5a00;--bad:#b3261e;color-scheme:light dark}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e4e7eb;"
    "--soft:#9aa4b0;--line:#3a424c;--paper:#15181c;--card:#1e2329;"
    "--bar:#6ea8e8;--bar2:#6cc3a5;--good:#6fce8d;--warn:#e5b454;"
    "--bad:#ff8a80}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:70rem;padding:1.5rem;color:var(--ink);"
    "background:var(--paper);font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:0 0 .25rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-top:.4rem;"
    "border-top:1px solid var(--line)}\n"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}\n"
    "p{margin:.3rem 0}\n"
    ".soft,small{color:var(--soft)}\n"
    ".verdict{display:flex;gap:.4rem 1.2rem;flex-wrap:wrap;"
    "align-items:baseline;margin:1rem 0;padding:.7rem 1rem;"
    "border-left:.4rem solid var(--soft);background:var(--card)}\n"
    ".verdict b{font-size:1.2rem}\n"
    ".fits{border-color:var(--good)}.fits b{color:var(--good)}\n"
    ".warnings{border-color:var(--warn)}.warnings b{color:var(--warn)}\n"
    ".not{border-color:var(--bad)}.not b{color:var(--bad)}\n"
    ".cards{display:grid;gap:.7rem;margin:1rem 0;"
    "grid-template-columns:repeat(auto-fill,minmax(11rem,1fr))}\n"
    ".card{background:var(--card);padding:.6rem .8rem;border-radius:.3rem}\n"
    ".card dt{color:var(--soft);font-size:.85rem}\n"
    ".card dd{margin:0;font-size:1.25rem;font-weight:600}\n"
    ".card dd small{display:block;font-size:.85rem;font-weight:400;"
    "overflow-wrap:anywhere}\n"
    ".plots{display:grid;gap:1rem;"
    "grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr))}\n"
    "a{color:var(--bar)}\n"
    "figure{margin:0;max-width:44rem}\n"
    "figcaption{font-weight:600;margin-bottom:.2rem}\n"
    "svg{display:block;width:100%;height:auto;font:12px system-ui,"
    "sans-serif}\n"
    "svg text{fill:var(--ink)}svg .soft{fill:var(--soft)}\n"
    "svg .grid{stroke:var(--line)}svg .bar{fill:var(--bar)}\n"
    "svg .bar2{fill:var(--bar2)}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}\n"
    "caption{text-align:left;font-weight:600;padding:.4rem 0}\n"
    "th,td{text-align:left;padding:.25rem .7rem .25rem 0;"
    "vertical-align:top;border-bottom:1px solid var(--line);"
    "overflow-wrap:anywhere}\n"
    "th{color:var(--soft);font-weight:600;white-space:nowrap}\n"
    ".n{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums;overflow-wrap:normal}\n"
    ".n+td:not(.n),.n+th:not(.n){padding-left:.8rem}\n"
    ".group th{color:var(--ink);padding-top:1rem}\n"
    ".problem{color:var(--bad);font-weight:600}\n"
    ".warning{color:var(--warn);font-weight:600}\n"
    "code,pre{font:.88rem ui-monospace,monospace;overflow-wrap:anywhere}\n"
    "pre{background:var(--card);padding:.6rem .8rem;white-space:pre-wrap}\n"
    "@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;"
    "--card:#f3f3f3;--bar:#2f6db5;--bar2:#3d8f77;--good:#1d7a3e;"
    "--warn:#8a5a00;--bad:#b3261e}body{max-width:none;padding:0;"
    "font-size:10pt}figure,.card,tr,.verdict{break-inside:avoid}"
    "h2,h3,caption{break-after:avoid}.wide{overflow:visible}"
    ".bar,.bar2,.card,.verdict{print-color-adjust:exact}}\n";

void
html_begin(struct buf *b, const char *title)
{
	buf_adds(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
	    "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>");
	html_text(b, title);
	buf_adds(b, "</title>\n<style>\n");
	buf_adds(b, style);
	buf_adds(b, "</style>\n</head>\n<body>\n<h1>");
	html_text(b, title);
	buf_adds(b, "</h1>\n");
}

void
html_end(struct buf *b)
{
	buf_adds(b, "</body>\n</html>\n");
}

void
html_table(struct buf *b, const char *caption, const char *const *columns)
{
	buf_adds(b, "<div class=\"wide\"><table>\n");
	if (caption != NULL) {
		buf_adds(b, "<caption>");
		html_text(b, caption);
		buf_adds(b, "</caption>\n");
	}
	buf_adds(b, "<thead><tr>");
	for (; *columns != NULL; columns++) {
		const bool number = **columns == '#';

		buf_adds(b,
		    number ? "<th scope=\"col\" class=\"n\">" :
			     "<th scope=\"col\">");
		html_text(b, *columns + number);
		buf_adds(b, "</th>");
	}
	buf_adds(b, "</tr></thead>\n<tbody>\n");
}

void
html_table_end(struct buf *b)
{
	buf_adds(b, "</tbody></table></div>\n");
}

void
html_row(struct buf *b)
{
	buf_adds(b, "<tr>");
}

void
html_row_end(struct buf *b)
{
	buf_adds(b, "</tr>\n");
}

void
html_cell(struct buf *b, const char *text)
{
	buf_adds(b, "<td>");
	html_foreign(b, text);
	buf_adds(b, "</td>");
}

void
html_cell_number(struct buf *b, uint64_t n)
{
	buf_adds(b, "<td class=\"n\">");
	words_number(b, n);
	buf_adds(b, "</td>");
}

void
html_cell_bytes(struct buf *b, uint64_t n)
{
	buf_adds(b, "<td class=\"n\">");
	text_bytes(b, n);
	buf_adds(b, "</td>");
}
