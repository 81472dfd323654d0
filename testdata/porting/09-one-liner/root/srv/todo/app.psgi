use Story; use Todo; Story::app(Todo::name())
