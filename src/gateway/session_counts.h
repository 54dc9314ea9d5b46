/* gateway/session_counts.h
 * How many sessions each endpoint has, counted in the store when somebody wants to know. Counting
 * takes the longer the more there are; it is done anew when the last count is twenty times as old
 * as it took, so that no scraper costs the store more than a twentieth of its time. */
#pragma once
#include "config/config.h"
#include "journal/metrics.h"
#include "store/store.h"

struct session_counts;

struct session_counts *session_counts_new(void); /* never NULL */
/* NULL does nothing. */
void session_counts_free(struct session_counts *counts);
/* Appends pinion_sessions of each endpoint of the configuration that has sessions, and as "other"
 * those of endpoints that are gone. Waits for the store: not in a loop's thread. */
void session_counts_put(struct session_counts *counts, struct store *store,
                        const struct config *config, enum metrics_form form, size_t series_max,
                        struct buffer *out);
