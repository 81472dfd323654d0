use Story; Story::app('blog')
