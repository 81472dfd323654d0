use Story; Story::app('site')
