use Story; Story::app('shop')
