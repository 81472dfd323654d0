use Story; use Chat; Story::app(Chat::name())
