/* session/turns.h
 * Whose turn it is: of one session's turns one is under way, and the others wait in the order in
 * which they came, so that each sees what the one before it left behind. A turn that comes when as
 * many wait as may is refused.
 *
 * One table for all threads of a process; its lock is held for a look into a hash table and a step
 * in a list. (Between several processes the store's revisions decide: STORE_SESSION_APPEND.)
 * A session is named as its asker names it: what another token takes for a session of that id
 * stands in another line, so that nobody holds up what is not theirs. Ended turns leave nothing
 * behind; how many there are at once is bounded by the requests under way. */
#pragma once
#include "base/loop.h"
#include "session/session.h"

struct turns;
struct turn;

struct turns *turns_new(void);        /* never NULL */
void turns_free(struct turns *turns); /* nobody is in it any more; NULL does nothing */

/* Who is told when its turn has come: in the loop's thread, never from inside. */
struct turn_asker {
    struct loop *loop;
    void (*begin)(void *context);
    void *context;
};
/* Gives a turn that is to be left, once and in the loop's thread. It is its turn at once unless
 * *out_waits; NULL when `most_waiting` wait already. */
struct turn *turn_enter(struct turns *turns, const struct session_key *session, size_t most_waiting,
                        const struct turn_asker *asker, bool *out_waits);
/* Takes it: under way, it is over and the next begins; waiting, it gives up its place. begin() is
 * not called any more. NULL does nothing. */
void turn_leave(struct turn *turn);

/* Sessions with a turn in the table. */
size_t turns_count(struct turns *turns);
