use Story; Story::app('orders')
