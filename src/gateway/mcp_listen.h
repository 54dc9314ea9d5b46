/* gateway/mcp_listen.h
 * subscriptions/listen of the Model Context Protocol: streams on which clients hear that their
 * tools have changed, with the configuration or with what the token may call. A worker has its own,
 * few enough that telling all of them is no work. A stream has no end of its own; it goes with the
 * token, with the worker, or with its client. */
#pragma once
#include "base/text.h"

struct request;
struct worker;

struct mcp_listener;
struct mcp_listeners {
    struct mcp_listener *first;
    size_t count;
};

/* Serves a subscription of that id (JSON, kept) by a token that is known: with a stream, or with
 * request->error. Who does not want to hear of tools hears of nothing, and at once of the end. */
void mcp_listen(struct request *request, struct text id, bool tools);
/* The worker has taken up another configuration. */
void mcp_listeners_adopt(struct worker *worker);
/* The worker is to end: tells all of its listeners so. */
void mcp_listeners_end(struct worker *worker);
