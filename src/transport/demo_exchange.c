/* Answers from inside the process, at the pace of a provider that is never in a hurry to be first:
 * the head in one turn, then one piece a turn, so that everything that can happen between the
 * pieces of a real stream can happen here. */
#include "demo/demo.h"
#include "transport/exchange.h"

static void tell_head(struct exchange *exchange)
{
    static const struct http_head whole = {200, TEXT_INIT("application/json"), 0,
                                           TEXT_INIT("content-type:application/json\n")},
                                  streamed = {200, TEXT_INIT("text/event-stream"), 0,
                                              TEXT_INIT("content-type:text/event-stream\n")};

    exchange_tell_head(exchange, exchange->options.chat->stream ? &streamed : &whole);
}

static void resume(struct exchange *exchange)
{
    struct demo_call *call = &exchange->demo;

    if (!call->head_told) {
        call->head_told = true;
        tell_head(exchange);
    } else if (call->told < call->count) {
        exchange_tell_body(exchange, call->pieces[call->told++]);
    } else {
        exchange_complete(exchange);
        return;
    }
    if (exchange_reads(exchange))
        exchange_yield(exchange);
}

static void begin(struct exchange *exchange)
{
    struct demo_call *call = &exchange->demo;

    exchange->facts = (struct exchange_facts){.sent = SENT_ALL, .replied = true};
    demo_reply(exchange->options.chat, &call->arena, &call->pieces, &call->count);
    if (exchange_reads(exchange))
        resume(exchange);
}

static void release(struct exchange *exchange, bool complete)
{
    (void)exchange;
    (void)complete;
}

const struct exchange_way demo_way = {begin, resume, release};
