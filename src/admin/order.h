/* admin/order.h
 * The JSON object in the body of an admin call: what of it is the same for many of them. All give
 * false with request->error. */
#pragma once
#include "document/document.h"
#include "gateway/request_state.h"

/* Reads it; no member may have another name than those. */
bool order_read(struct request *request, const struct text *names, size_t count,
                struct document *out);
/* The string at `at` ("/endpoint"), where there is one; else *out stays as it is. */
bool order_text(struct request *request, const struct document *order, const char *at,
                struct text *out);
/* What is at `at` must be `expected` ("a string"). */
bool order_refuse(struct request *request, const char *at, const char *expected);
