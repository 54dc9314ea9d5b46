/* gateway/anomalies.h
 * Looks every few minutes, from roll-ups alone, whether endpoints are as they usually are
 * (anomaly/anomaly.h), and makes notes where they are not: durable, told as events `note` in the
 * log, and with that to webhooks. Belongs to the main thread, because it waits for the store. */
#pragma once
#include <stdint.h>

struct anomalies;
struct log;
struct store;

enum { ANOMALIES_LOOK_EVERY_MS = 300000 };

/* Keeps both; the log may be NULL. */
struct anomalies *anomalies_new(struct store *store, struct log *log);
/* NULL does nothing. */
void anomalies_free(struct anomalies *anomalies);
/* Looks at the hour before `wall_ms`. NULL does nothing. */
void anomalies_look(struct anomalies *anomalies, int64_t wall_ms);
