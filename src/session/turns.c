/* A line per session, in a hash table of lines. The first in a line has its turn; who leaves the
 * front tells the next, through that one's loop. A turn that is left while the telling is on its
 * way lives until it arrives, because a posted task cannot be taken back. */
#include "session/turns.h"

#include "base/check.h"

#include <pthread.h>
#include <stdlib.h>

enum { BUCKETS = 4096 };

struct line {
    struct line *next; /* in its bucket */
    size_t bucket;
    struct turn *first, **end;
    size_t waiting;
    size_t key_len;
    char key[]; /* the three texts, each behind its length */
};

struct turn {
    struct loop_task task; /* first */
    struct turns *turns;
    struct line *line;
    struct turn *next;
    struct turn_asker asker;
    bool told; /* the task is on its way; under the lock until it runs */
    bool left; /* only the asker's thread looks */
};

struct turns {
    pthread_mutex_t lock;
    size_t count;
    struct line *buckets[BUCKETS];
};

struct turns *turns_new(void)
{
    struct turns *turns = calloc(1, sizeof *turns);

    CHECK(turns != NULL && pthread_mutex_init(&turns->lock, NULL) == 0);
    return turns;
}

void turns_free(struct turns *turns)
{
    if (turns == NULL)
        return;
    CHECK(turns->count == 0);
    pthread_mutex_destroy(&turns->lock);
    free(turns);
}

size_t turns_count(struct turns *turns)
{
    size_t count;

    pthread_mutex_lock(&turns->lock);
    count = turns->count;
    pthread_mutex_unlock(&turns->lock);
    return count;
}

/* --- lines
 * ----------------------------------------------------------------------------------------- */

/* A new line for the session, in no bucket yet. Made before the lock is taken. */
static struct line *line_new(const struct session_key *session)
{
    const struct text parts[] = {session->token_id, session->endpoint, session->id};
    size_t len = 0, at = 0;
    struct line *line;

    for (size_t i = 0; i < 3; i++)
        len += sizeof parts[i].len + parts[i].len;
    line = calloc(1, sizeof *line + len);
    CHECK(line != NULL);
    for (size_t i = 0; i < 3; i++) {
        memcpy(line->key + at, &parts[i].len, sizeof parts[i].len);
        at += sizeof parts[i].len;
        if (parts[i].len > 0)
            memcpy(line->key + at, parts[i].at, parts[i].len);
        at += parts[i].len;
    }
    line->key_len = len;
    line->bucket = text_hash((struct text){line->key, len}) % BUCKETS;
    line->end = &line->first;
    return line;
}

static struct line **find(struct turns *turns, const struct line *like)
{
    struct line **link = &turns->buckets[like->bucket];

    while (*link != NULL && ((*link)->key_len != like->key_len ||
                             memcmp((*link)->key, like->key, like->key_len) != 0))
        link = &(*link)->next;
    return link;
}

static void line_append(struct line *line, struct turn *turn)
{
    turn->line = line;
    *line->end = turn;
    line->end = &turn->next;
}

/* Takes the turn out, and the line too when nobody is left in it. */
static void line_remove(struct turns *turns, struct turn *turn)
{
    struct line *line = turn->line;
    struct turn **link = &line->first;

    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
    if (line->end == &turn->next)
        line->end = link;
    if (line->first != NULL)
        return;
    *find(turns, line) = line->next;
    turns->count--;
    free(line);
}

/* --- turns
 * ----------------------------------------------------------------------------------------- */

static void tell(struct loop_task *task)
{
    struct turn *turn = (struct turn *)task;

    if (turn->left) {
        free(turn);
        return;
    }
    pthread_mutex_lock(&turn->turns->lock);
    turn->told = false;
    pthread_mutex_unlock(&turn->turns->lock);
    turn->asker.begin(turn->asker.context);
}

static struct turn *turn_new(struct turns *turns, const struct turn_asker *asker)
{
    struct turn *turn = calloc(1, sizeof *turn);

    CHECK(turn != NULL);
    *turn = (struct turn){.task = {.run = tell}, .turns = turns, .asker = *asker};
    return turn;
}

struct turn *turn_enter(struct turns *turns, const struct session_key *session, size_t most_waiting,
                        const struct turn_asker *asker, bool *out_waits)
{
    struct turn *turn = turn_new(turns, asker);
    struct line *own = line_new(session), **link;
    bool refused;

    pthread_mutex_lock(&turns->lock);
    link = find(turns, own);
    *out_waits = *link != NULL;
    refused = *out_waits && (*link)->waiting >= most_waiting;
    if (!*out_waits) {
        *link = own;
        own = NULL;
        turns->count++;
    } else if (!refused) {
        (*link)->waiting++;
    }
    if (!refused)
        line_append(*link, turn);
    pthread_mutex_unlock(&turns->lock);
    free(own);
    if (!refused)
        return turn;
    free(turn);
    return NULL;
}

void turn_leave(struct turn *turn)
{
    struct turns *turns = turn != NULL ? turn->turns : NULL;
    struct turn *next;

    if (turn == NULL)
        return;
    pthread_mutex_lock(&turns->lock);
    next = turn->line->first == turn ? turn->next : NULL;
    if (turn->next != NULL || turn->line->first != turn)
        turn->line->waiting--;
    line_remove(turns, turn);
    if (next != NULL) {
        next->told = true;
        loop_post(next->asker.loop, &next->task);
    }
    turn->left = turn->told;
    pthread_mutex_unlock(&turns->lock);
    if (!turn->left)
        free(turn);
}
