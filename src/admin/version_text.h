/* admin/version_text.h
 * Versions of endpoints as JSON. */
#pragma once
#include "base/buffer.h"
#include "config/config.h"
#include "gateway/gateway.h"

/* An endpoint in force, as one of a list. */
void version_put_endpoint(struct buffer *out, const struct endpoint *endpoint);
/* The same with what it is made of. */
void version_put_current(struct buffer *out, const struct endpoint *endpoint);
/* A version, and which files it has changed since `before` (NULL: that is not known). With
 * `content` also what its files are. */
void version_put_entry(struct buffer *out, const struct history_entry *entry,
                       const struct history_entry *before, bool content);
/* What came of going back to a version. */
void version_put_rollback(struct buffer *out, const struct history_entry *wanted,
                          const struct rollback *done);
