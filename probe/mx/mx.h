#ifndef PROBE_MX_H
#define PROBE_MX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/mx.h"
#include "dns/zone.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/* What is asked about a domain: mprobe mx, its table of questions. */
enum mx_what {
	MX_SERIAL,
	MX_SERVERS, /* NS */
	MX_MAIL,    /* MX */
	MX_SPF,
	MX_DMARC,
	MX_STS,
	MX_DKIM,
	MX_SETUP, /* autoconfig, autodiscover, SRV */
	MX_HOST,  /* addresses of mail exchangers, and of those expected */
	MX_TLSA,
	MX_WHATS,
};

const char *mx_what_word(enum mx_what w);

/* What one party said to one question. */
struct mx_cell {
	bool asked; /* an authoritative server is asked about its zone alone */
	struct dns_answer answer;
};

struct mx_question {
	enum mx_what what;
	char *name;
	enum dns_type type;
	struct mx_cell *cell; /* one a party */
};

enum mx_weight {
	MX_NOTE,
	MX_WARNING, /* worth a look */
	MX_FAULT,   /* something cannot work so */
};

const char *mx_weight_word(enum mx_weight w);

struct mx_finding {
	enum mx_weight weight;
	enum mx_what what;
	char *text; /* may hold what a server said */
};

/* All that is known; what follows takes one step each. */
struct mx {
	char *domain;
	struct strs hosts;     /* expected: told, else the authoritative ones */
	bool told;             /* by --expect */
	struct strs selectors; /* of DKIM */
	struct dns_limits limits;
	struct dns_parties parties;
	struct mx_question *question;
	size_t questions, cap;
	struct mx_finding *finding;
	size_t findings, finding_cap;
	int64_t now;            /* UTC: when it was asked */
	struct mx_sight *sight; /* one a party */
	struct mx_verdict verdict;
};

/* The rows of the table, then all hosts that the answers name. */
void mx_question_add(struct mx *x, enum mx_what what, const char *name,
    enum dns_type type);
void mx_questions_domain(struct mx *x);
void mx_questions_hosts(struct mx *x);
/* Asks those from the from-th on, each of all parties that it concerns. */
enum rc mx_ask(struct mx *x, size_t from, struct fault *f) CHECKED;
void mx_release(struct mx *x);

/* The question, or NULL where it was not asked. */
const struct mx_question *mx_find(const struct mx *x, enum mx_what what,
    const char *name, enum dns_type type);
/* The best answer there is: of an authoritative server, else a resolver;
 * NULL: nobody knows. */
const struct dns_answer *mx_best(const struct mx *x,
    const struct mx_question *q);
/* True for an answer of this party that says something. */
bool mx_says(const struct mx *x, const struct mx_question *q, size_t party);
/* True for a party that says something to any question; else *why_r is what
 * became of the first one, NULL: it was asked nothing. */
bool mx_answers(const struct mx *x, size_t party,
    const struct dns_answer **why_r);
/* The values, or the alias in the place of them, to be compared and shown:
 * "CNAME host". */
void mx_values(const struct mx_question *q, const struct dns_answer *a,
    struct strs *r);

void mx_find_add(struct mx *x, enum mx_weight weight, enum mx_what what,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Pure judgements over the answers: findings, sights, verdict. */
void mx_judge_servers(struct mx *x);
void mx_judge_agreement(struct mx *x);
void mx_judge_mail(struct mx *x);
void mx_judge_hosts(struct mx *x);
void mx_judge_policies(struct mx *x);
/* Asks for what SPF includes.  RC_STORE: interrupted. */
enum rc mx_judge_spf(struct mx *x, struct fault *f) CHECKED;

/* "authoritative", "resolver", and how people call it. */
const char *mx_kind(const struct dns_party *p);
void mx_party(struct buf *b, const struct dns_party *p);

void mx_print_text(const struct mx *x);
void mx_print_tsv(const struct mx *x);
void mx_print_json(const struct mx *x);

#endif
