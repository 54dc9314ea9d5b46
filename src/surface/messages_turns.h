/* surface/messages_turns.h
 * Private to messages_turns.c and messages_user.c: a conversation while it is read. */
#pragma once
#include "surface/body_reader.h"
#include "surface/messages.h"

struct turns {
    struct body_reader *reader;
    struct chat_message *messages;
    size_t count;
    struct body_calls calls; /* of the assistant's message in front, until each has its result */
    uint32_t shown_at;       /* in the last message of a user, an image that a tool shows; or 0 */
};

/* Fails for what stands at `at`. */
bool turns_refuse(struct turns *turns, uint32_t at, const char *what);
/* Adds a message, for which there is room. */
struct chat_message *turns_add(struct turns *turns, enum chat_role role);
/* Each call must have its result by now. */
bool turns_end_calls(struct turns *turns);
bool turns_is_of_type(const struct document *document, uint32_t block, struct text type);
/* messages_user.c: a user's message, a string or a list. */
bool turns_read_user(struct turns *turns, uint32_t content);
