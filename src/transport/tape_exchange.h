/* transport/tape_exchange.h
 * Exchanges with a tape in between. Private to transport. */
#pragma once
#include "transport/exchange.h"
#include "transport/tape.h"

extern const struct exchange_way tape_way;

/* Asks the tape of the exchange's transport, when there is one: it is answered by the tape from
 * then on, or listened to. What the built-in provider says needs no tape. */
void tape_open(struct exchange *exchange);
/* What an exchange with an ear tells it, before its own events. */
void ear_head(struct exchange *exchange, const struct http_head *head);
void ear_body(struct exchange *exchange, struct text piece);
/* It ends: complete, with a cause, or (neither) because nobody wants more. Frees the ear. */
void ear_end(struct exchange *exchange, bool complete, const struct error *cause);
