/* gateway/idempotency.h
 * Idempotency-Key: a call that is repeated under its key is answered as it was the first time, and
 * never sent to a provider twice.
 *
 * A key belongs to one token and one endpoint, and to what was asked under it first. It is looked
 * up before anything else is done (stage `idempotency`), so that what is known costs no quota; it
 * is begun durably before a provider is asked (stage `claim`), and ended durably before the answer
 * goes out (stage `keep`). A call that was refused before a provider could have heard of it leaves
 * its key as if nothing had been. What was begun and not ended when the process died, or could not
 * be ended, is told as `outcome_unknown` until it expires. */
#pragma once
#include "base/buffer.h"
#include "store/store.h"

struct request;

struct idempotency {
    bool keyed;    /* there is a key */
    bool claimed;  /* it was begun, or asked to be: it must be ended or let go of */
    bool too_long; /* what was answered is more than is kept */
    struct idempotency_record record;
    struct store_command *met;              /* what the store found */
    const struct idempotency_record *known; /* the answer is this one; NULL: it is yet to be made */
    struct buffer sent;                     /* of a stream, so far; on the heap */
};

/* Part of a stream that goes to the client. */
void idempotency_note(struct request *request, struct text piece);
/* Answers with what is known. */
void idempotency_replay(struct request *request);
void idempotency_release(struct idempotency *idempotency);
