/* admin/series.h
 * Series as they are asked for and shown. */
#pragma once
#include "gateway/format.h"
#include "gateway/series_plan.h"

enum { SERIES_MINUTE_MS = 60000 };

struct series {
    struct rollup_query query;
    struct series_plan plan;
    enum rollup_step step; /* where the query has steps */
    struct text by;        /* as it was asked; empty: one sum of all */
    enum format format;
};

/* All that was found: a document, JSONL or CSV. */
void series_write(const struct series *series, const struct rollup_page *page, struct buffer *out);
