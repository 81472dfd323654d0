package Nest; sub name { 'nest' } 1;
