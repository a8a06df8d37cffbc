/* story - 故事: a test that a shop owner can read: tests/stories/NAME.story (format: tests/stories/README.md). */
#pragma once
#include "test/world.h"

typedef struct StoryList { char **items; int64_t count; } StoryList;     /* names without ".story", sorted */
StoryList story_list(void);
void story_list_free(StoryList *list);
/* Plays it; the first line that does not come true fails the test. With UPDATE=1 in the environment the expected
 * answers are written anew into the file instead. */
void story_run(World *w, const char *name);
