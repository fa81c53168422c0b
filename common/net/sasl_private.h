#ifndef NET_SASL_PRIVATE_H
#define NET_SASL_PRIVATE_H

#include "net/sasl.h"
#include "net/scram.h"

/* What the files of SASL share. */
struct sasl {
	enum sasl_mechanism mechanism;
	const char *user; /* whose mail */
	const char *who;  /* who proves to be somebody: == user, mostly */
	const struct buf *secret;
	const struct endpoint *at;
	unsigned step;      /* how many responses there were */
	struct scram scram; /* set up for SASL_SCRAM alone */
	bool proved;        /* SCRAM: the server has */
	struct buf hint;
};

/* The part of one mechanism: sasl_step's. */
typedef enum rc sasl_step_fn(struct sasl *s, const struct buf *challenge,
    struct buf *response, struct fault *f);
sasl_step_fn sasl_bearer_step, sasl_xoauth2_step;

#endif
