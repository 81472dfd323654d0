use Story; Story::app('wiki')
