/* gateway/health.h
 * What is known at run time of the targets and providers of a configuration: whose breaker is open,
 * how long they take, which credentials rest. Configurations come and go, what is known stays: it
 * belongs to a name, and is kept as long as some configuration in use has a place for it. What is
 * shared between workers is in the modules (provider/breaker.h and its neighbours); a table is
 * const but for them. */
#pragma once
#include "config/config.h"
#include "health/breaker.h"
#include "health/key_pool.h"
#include "health/latency.h"
#include "health/retry.h"
#include "route/rule.h"

/* Of one model at one provider. */
struct target_health {
    struct breaker breaker;
    struct latency latency;          /* to the first byte of an answer's body */
    _Atomic uint64_t rests_until_ms; /* monotonic: it said that it was full until then */
    _Atomic uint64_t answered_ms;    /* monotonic: when its last answer began; 0: never */
    _Atomic uint64_t p95;            /* as it was a moment ago: health_state.c */
    struct text provider, model;
};
/* Of one provider and its list of keys. */
struct provider_health {
    struct key_pool keys;
    _Atomic uint64_t keys_used; /* since the process began, a bit each */
    _Atomic uint64_t told_ms;   /* monotonic: when the loss of its only key was last recorded */
    _Atomic uint32_t only_key;  /* enum key_state: as the last call with its only key found it */
    struct text provider;
};

/* Fewer calls in a minute than this tell nothing of how long a target takes. */
enum { TARGET_CALLS_MIN = 20 };

struct health; /* all there is, of all configurations; any thread */
struct health *health_new(void);
/* Every table must be released. NULL does nothing. */
void health_free(struct health *health);

/* The part that one configuration needs. */
struct health_table {
    struct health *health;
    struct target_health **targets;     /* by target->index */
    struct provider_health **providers; /* by place in config->providers */
    size_t target_count, provider_count;
    /* By place in config->providers: each of its targets once. */
    struct provider_targets {
        struct target_health **items;
        size_t count;
    } * of_providers;
    struct target_health **of_targets; /* those, one provider's behind another's */
};
/* Finds or makes what each target and provider needs. */
void health_table_init(struct health_table *table, struct health *health,
                       const struct config *config);
/* Lets go of it; what no other table has is forgotten. */
void health_table_release(struct health_table *table);

/* How a target fares: down while its breaker is open, degraded while that tries whether the target
 * is back, or while the target asks to be left alone. */
enum route_health target_health_state(const struct target_health *target, uint64_t now_ms);
/* How the provider at that place fares: down when a target of it is, and none has answered for a
 * minute that is not in trouble; degraded when any is in trouble. */
enum route_health provider_health_state(const struct health_table *table, size_t provider,
                                        uint64_t now_ms);
/* One of its keys; an only one is used whatever its state is. */
enum key_state provider_key_state(const struct provider_health *provider, uint32_t key,
                                  uint64_t now_ms);
/* The 95th percentile of the time to its first byte, of the last minute and at most a second old.
 * False: too few calls were seen. */
bool target_p95_ms(struct target_health *target, uint64_t now_ms, int64_t *out_ms);
