use Story; Story::app('inbox')
