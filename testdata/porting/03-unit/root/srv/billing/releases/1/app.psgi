use Story; Story::app('billing')
