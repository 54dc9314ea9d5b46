/* One way of an exchange, which tells what a tape gives it a piece a turn, and an ear, which keeps
 * what a real one tells until it ends. */
#include "transport/tape_exchange.h"

#include "base/check.h"

#include <stdlib.h>

struct exchange_ear {
    struct arena arena;
    struct taped_reply reply;
    struct text *pieces;
    size_t room;
};

/* --- playing -------------------------------------------------------------------------------------
 */

static void tell_head(struct exchange *exchange)
{
    const struct taped_reply *reply = exchange->tape.reply;
    const struct http_head head = {
        .status = reply->status, .content_type = reply->content_type, .fields = reply->fields};

    exchange->facts.replied = true;
    exchange_tell_head(exchange, &head);
}

/* A reply whose listener had heard enough goes no further than it then did. */
static void come_to_end(struct exchange *exchange)
{
    const struct taped_reply *reply = exchange->tape.reply;
    struct error cause = reply->failure;

    if (reply->broken_off)
        error_set(&cause, ERROR_UPSTREAM_TRUNCATED, NULL,
                  "was not listened to any further when it was recorded");
    if (cause.code == ERROR_NONE)
        exchange_complete(exchange);
    else
        exchange_fail(exchange, &cause);
}

static void resume(struct exchange *exchange)
{
    struct tape_call *call = &exchange->tape;

    if (!call->head_told && call->reply->status != 0) {
        call->head_told = true;
        tell_head(exchange);
    } else if (call->told < call->reply->piece_count) {
        exchange_tell_body(exchange, call->reply->pieces[call->told++]);
    } else {
        come_to_end(exchange);
        return;
    }
    if (exchange_reads(exchange))
        exchange_yield(exchange);
}

static void begin(struct exchange *exchange)
{
    exchange->facts = (struct exchange_facts){.sent = exchange->tape.reply->sent};
    if (exchange_reads(exchange))
        resume(exchange);
}

static void release(struct exchange *exchange, bool complete)
{
    (void)exchange;
    (void)complete;
}

const struct exchange_way tape_way = {begin, resume, release};

/* --- listening -----------------------------------------------------------------------------------
 */

void tape_open(struct exchange *exchange)
{
    struct tape *tape = exchange->transport->options.tape;

    if (exchange->options.provider->dialect->local)
        return;
    exchange->tape.reply = tape->ops->play(tape, &exchange->options);
    if (exchange->tape.reply != NULL) {
        exchange->way = &tape_way;
    } else if (tape->ops->heard != NULL) {
        exchange->ear = calloc(1, sizeof *exchange->ear);
        CHECK(exchange->ear != NULL);
    }
}

void ear_head(struct exchange *exchange, const struct http_head *head)
{
    struct exchange_ear *ear = exchange->ear;

    ear->reply.status = head->status;
    ear->reply.content_type = arena_copy(&ear->arena, head->content_type);
    ear->reply.fields = arena_copy(&ear->arena, head->fields);
}

void ear_body(struct exchange *exchange, struct text piece)
{
    struct exchange_ear *ear = exchange->ear;

    if (ear->reply.piece_count == ear->room) {
        size_t wider = ear->room > 0 ? ear->room * 2 : 64;

        ear->pieces = arena_grow(&ear->arena, ear->pieces, ear->room * sizeof *ear->pieces,
                                 wider * sizeof *ear->pieces);
        ear->room = wider;
    }
    ear->pieces[ear->reply.piece_count++] = arena_copy(&ear->arena, piece);
}

void ear_end(struct exchange *exchange, bool complete, const struct error *cause)
{
    struct exchange_ear *ear = exchange->ear;
    struct tape *tape = exchange->transport->options.tape;

    exchange->ear = NULL;
    ear->reply.pieces = ear->pieces;
    ear->reply.sent = exchange->facts.sent;
    ear->reply.broken_off = !complete && cause == NULL;
    if (cause != NULL)
        ear->reply.failure = *cause;
    tape->ops->heard(tape, &exchange->options, &ear->reply);
    arena_release(&ear->arena);
    free(ear);
}
