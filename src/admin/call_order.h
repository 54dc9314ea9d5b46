/* admin/call_order.h
 * A call that an operator describes in the body of an admin call, and as whom: {"endpoint", "body"
 * or "input", "headers", "token", "at", "draft"}. From then on the request is that call; what it
 * was before is kept to be put back. */
#pragma once
#include "admin/draft.h"
#include "document/document.h"
#include "gateway/request_state.h"

/* What the request is besides. */
struct call_order {
    struct http_request http;
    const struct token_record *admin;
    int64_t wall_ms;
    const struct token_record *bearer; /* as whom it is called: the caller's to set */
    struct config_draft draft;         /* the endpoint is not as it is in force, but so */
};

/* Makes the request the call that its body describes; the texts of the order, and the document, are
 * in its arena. Without "token" it is somebody who may call everything, and nobody. False with
 * request->error. */
bool call_order_read(struct request *request, struct document *out, struct call_order *order);
/* Has the request served by the order's draft, if it has one; then `then` follows, now or later,
 * with request->error where it cannot be. */
void call_order_begin(struct request *request, const struct call_order *order,
                      void (*then)(struct request *request));
/* The request is an operator's again. */
void call_order_put_back(struct request *request, const struct call_order *order);
