/* gateway/shadows.h
 * Copies of answered calls that go to another target, or are answered by another endpoint, to see
 * how that would have answered: who called neither waits for them nor sees them. A copy is a
 * request of the gateway's own that runs through the pipeline as any other does, from reading the
 * body on, once the caller's answer is known; where too many are under way, or the gateway shuts
 * down, it is dropped and counted.
 *
 * What is known of an endpoint's copies stays as long as a configuration in use has its `shadow` as
 * it is. */
#pragma once
#include "canary/tally.h"
#include "gateway/request_state.h"

struct shadows;
struct shadow_state;

struct shadows *shadows_new(void);
/* Every table must be released. NULL does nothing. */
void shadows_free(struct shadows *shadows);
void shadow_table_init(struct shadow_table *table, struct shadows *shadows,
                       const struct config *config);
void shadow_table_release(struct shadow_table *table);

/* Takes a place for one more that is under way; false: all are taken. Any thread. */
bool shadow_enter(struct shadow_state *state, uint32_t most);
void shadow_leave(struct shadow_state *state);
void shadow_tally(struct shadow_state *state, enum tally_result result,
                  const struct tally_side *answered, const struct tally_side *shadow,
                  struct text id, struct text shadow_id, int64_t wall_ms);
/* A copy of the tally, and how many are under way. */
void shadow_look(struct shadow_state *state, struct tally *out, uint32_t *out_running);
