/* gateway/canaries.h
 * The routing rules whose calls are watched: what was seen of them, and which are switched off.
 * Counts are of all workers together. Configurations come and go; what is known stays with the
 * endpoint's slug and the digest of the rule's content, as long as a configuration in use has that
 * rule. That a rule is off is kept in the store until an operator arms it again.
 *
 * A rule that trips is off for calls that are routed from then on; those under way go on. Any
 * thread, unless it says otherwise. */
#pragma once
#include "audit/event.h"
#include "config/config.h"

struct audit_event;
struct canary;
struct canaries;
struct log;
struct store;

/* Keeps both; the log may be NULL. */
struct canaries *canaries_new(struct store *store, struct log *log);
/* Reads which rules are off; for the start. What cannot be read is told in the log: such a rule is
 * on, and watched again. */
void canaries_load(struct canaries *canaries);
/* Every table must be released, and the store closed. NULL does nothing. */
void canaries_free(struct canaries *canaries);

/* The part that one configuration needs. */
struct canary_table {
    struct canaries *canaries;
    struct canary **items; /* by canary_rule.index */
    size_t count;
};
void canary_table_init(struct canary_table *table, struct canaries *canaries,
                       const struct config *config);
void canary_table_release(struct canary_table *table);

/* Without a lock. */
bool canary_is_off(const struct canary *canary);

/* How one call ended, on one of the two sides. Gives why this one has switched the rule off, or
 * CANARY_FINE. `wall_ms` is for people. */
enum canary_why canary_note(struct canary *canary, const struct watch_rule *rule,
                            enum watch_side side, const struct watch_call *call, uint64_t now_ms,
                            int64_t wall_ms);

/* A look at one. */
struct canary_sight {
    bool off;
    bool saved;                  /* ... and so also after a restart */
    struct canary_record record; /* of why it is off; texts borrowed from the canary */
    struct watch_counts counts[WATCH_SIDES];
};
void canary_look(struct canary *canary, const struct watch_rule *rule, uint64_t now_ms,
                 struct canary_sight *out);

/* Switches it on again, with nothing seen; the act is recorded with it. Waits for the store: not in
 * a worker's thread. *out_changed is false where it was not off. */
bool canary_rearm(struct canary *canary, const struct audit_event *act, bool *out_changed,
                  struct error *err);
