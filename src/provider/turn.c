#include "provider/turn.h"

struct turn turn_at(const struct chat *chat, size_t at)
{
    struct turn turn = {.messages = &chat->messages[at],
                        .assistant = chat->messages[at].role == CHAT_ASSISTANT};

    while (at + turn.count < chat->message_count) {
        enum chat_role role = turn.messages[turn.count].role;

        if (role != CHAT_SYSTEM && (role == CHAT_ASSISTANT) != turn.assistant)
            break;
        turn.count++;
    }
    while (turn.messages[turn.count - 1].role == CHAT_SYSTEM)
        turn.count--;
    return turn;
}

void turn_put_paragraph(struct buffer *system, struct text text)
{
    if (text_trim(text).len == 0)
        return;
    if (system->len > 0)
        buffer_put(system, TEXT("\n\n"));
    buffer_put(system, text);
}

void turn_put_system(struct buffer *system, const struct chat *chat)
{
    for (size_t i = 0; i < chat->message_count; i++)
        if (chat->messages[i].role == CHAT_SYSTEM)
            turn_put_paragraph(system, chat->messages[i].text);
}
