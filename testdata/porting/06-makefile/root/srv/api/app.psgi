use Story; Story::app('api')
